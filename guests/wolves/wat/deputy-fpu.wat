;; v86's own conversion of an integer to the FPU's format, told to put the result into EDM.
(import "v86" "memory" (memory 1))
(import "v86" "i64_to_f80_jit" (func $convert (param i32 i64)))

(func $attack (export "attack")
  (call $convert (call $edm) (i64.const 1)))
