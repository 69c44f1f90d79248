;; The disk told to put a sector over EDM: its descriptor table names a guest-physical address that wraps around to EDM's (attack 2 of the paper).
(import "v86" "memory" (memory 1))
(import "v86" "instr_EE" (func $out8))
(import "v86" "instr32_EF" (func $out32))

(func $attack (export "attack")
  (call $transfer (i32.sub (call $edm) (i32.load (global.get $MEMORY-BASE)))))
