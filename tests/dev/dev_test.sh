#!/usr/bin/env bash
# ./dev: its help, its errors, and the package list that it reads. Installs nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

failures=0
check() { # check WHAT CONDITION...
  local what=$1
  shift
  if "$@"; then printf 'ok    %s\n' "$what"; else printf 'FAIL  %s\n' "$what"; failures=1; fi
}
prints() { # prints TEXT COMMAND...: succeeds and prints TEXT on stdout
  local text=$1 out
  shift
  out=$("$@" 2> /dev/null) && [[ "$out" == *"$text"* ]]
}
fails_with() { # fails_with TEXT COMMAND...: exits non-zero, prints TEXT on stderr and nothing on stdout
  local text=$1 out err status=0
  shift
  err=$(mktemp)
  out=$("$@" 2> "$err") || status=$?
  [[ $status -ne 0 && -z "$out" && "$(< "$err")" == *"$text"* ]] || status=0
  rm -f "$err"
  return $((status == 0))
}
parses() { # every line of packages.txt is empty, a comment, or: group name [# why]
  ! grep -vE '^(#.*)?$|^(build|format|lint|browser) +[a-z0-9][a-z0-9.+-]+( +# .+)?$' packages.txt
}
unique() { [[ -z "$(awk '/^[^#]/ && NF { print $2 }' packages.txt | sort | uniq -d)" ]]; }
lists() { awk -v name="$1" '$1 == "build" && $2 == name { found = 1 } END { exit !found }' packages.txt; }

check "no arguments print the help" prints "usage: ./dev COMMAND" ./dev
check "help prints the help" prints "usage: ./dev COMMAND" ./dev help
check "--help prints the help" prints "usage: ./dev COMMAND" ./dev --help
for command in demo test build install bench format lint setup; do
  check "help lists $command" prints "  $command " ./dev help
  check "$command --help" prints "usage: ./dev $command" ./dev "$command" --help
  check "help $command" prints "usage: ./dev $command" ./dev help "$command"
done
check "an unknown command fails" fails_with "unknown command 'weave'" ./dev weave
check "an unknown install option fails" fails_with "unknown option '--to'" ./dev install --to
check "two install folders fail" fails_with "expected one folder" ./dev install a b
check "an unknown format option fails" fails_with "unknown option '--chek'" ./dev format --chek
check "packages.txt parses" parses
check "packages.txt names nothing twice" unique
for package in g++ libmlir-22-dev libdnnl-dev; do
  check "packages.txt lists $package" lists "$package"
done
exit "$failures"
