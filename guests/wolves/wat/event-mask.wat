;; The slot of a hook set to zero: nobody hears of interrupts any more (attack 10 of the paper, the event mask).
(import "v86" "memory" (memory 1))
(import "v86" "wolfden.slot.interrupt" (global $hook (mut i32)))

(func $attack (export "attack")
  (global.set $hook (i32.const 0)))
