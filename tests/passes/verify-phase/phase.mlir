// RUN: heddle-opt --heddle-verify-phase="phase=plan" --verify-diagnostics %s

// expected-error @below {{option 'phase' is 'plan', but has to be differentiate, simplify or fuse}}
module {}
