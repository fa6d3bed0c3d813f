; refused floats: a number with a binary point in the function `main`
define i32 @main() {
  %r = fptosi double 1.5 to i32
  ret i32 %r
}
