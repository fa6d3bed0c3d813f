; refused exceptions: an exception in the function `main`
declare i32 @personality(...)
declare void @f()
define i32 @main() personality ptr @personality {
  ret i32 0
}
