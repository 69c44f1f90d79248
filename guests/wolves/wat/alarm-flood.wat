;; A hundred thousand attempts, so that the log runs over and the next attack goes unrecorded.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (local $target i32) (local $left i32)
  (local.set $target (call $edm-byte))
  (local.set $left (i32.const 100000))
  (loop $next
    (i32.store8 (local.get $target) (i32.const 6))
    (local.set $left (i32.sub (local.get $left) (i32.const 1)))
    (br_if $next (local.get $left))))
