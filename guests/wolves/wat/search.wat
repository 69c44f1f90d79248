;; EDM looked for by reading (attack 9 of the paper). Reads are not restricted: it is found, and that wins nothing.
(import "v86" "memory" (memory 1))

(func $attack (export "attack")
  (drop (call $edm)))
