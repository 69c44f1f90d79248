;; The linear memory grown until there is none left: EDM's map of it would miss the new pages.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (drop (memory.grow (i32.const 16))))
