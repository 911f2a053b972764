// RUN: not heddle-opt --from=fusion %s 2>&1 | FileCheck %s --check-prefix=FROM
// FROM: heddle-opt: from names the phase 'fusion', which does not exist; phases are differentiate, simplify, fuse, plan, codegen{{$}}

// RUN: not heddle-opt --heddle-pipeline="to=lower" %s 2>&1 | FileCheck %s --check-prefix=TO
// TO: error: to names the phase 'lower', which does not exist; phases are differentiate, simplify, fuse, plan, codegen{{$}}

// RUN: not heddle-opt --from=fuse --to=simplify %s 2>&1 | FileCheck %s --check-prefix=ORDER
// ORDER: heddle-opt: from names the phase 'fuse', which comes after 'simplify'{{$}}

// RUN: env HEDDLE_DUMP=simplify,emit not heddle-opt --to=simplify %s 2>&1 | FileCheck %s --check-prefix=DUMP
// DUMP: heddle-opt: HEDDLE_DUMP names the phase 'emit', which does not exist; phases are differentiate, simplify, fuse, plan, codegen, or all{{$}}

module {}
