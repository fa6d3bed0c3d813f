; refused vectors: a vector in the function `main`
define i32 @main() {
  %v = load <4 x i32>, ptr null
  ret i32 0
}
