;; The main loop entered from within, while EDM may be at work for the outer one.
(import "v86" "memory" (memory 1))
(import "v86" "main_loop" (func $loop (result f64)))

(func $attack (export "attack")
  (drop (call $loop)))
