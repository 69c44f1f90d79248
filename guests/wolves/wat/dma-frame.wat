;; The disk told to put a sector over the guest kernel's code: its descriptor table names that frame (attack 2 of the paper).
(import "v86" "memory" (memory 1))
(import "v86" "instr_EE" (func $out8))
(import "v86" "instr32_EF" (func $out32))

(func $attack (export "attack")
  (call $transfer (global.get $KERNEL-TEXT)))
