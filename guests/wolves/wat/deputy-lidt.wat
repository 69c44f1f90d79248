;; v86's own LIDT, called while the guest executes no such instruction.
(import "v86" "memory" (memory 1))
(import "v86" "instr32_0F01_3_mem" (func $lidt (param i32)))

(func $attack (export "attack")
  (call $lidt (i32.load (i32.const 80))))
