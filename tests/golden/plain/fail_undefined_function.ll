; refused undefined: something that nobody defines: `puts` in the function `main`
declare i32 @puts(ptr)
define i32 @main() {
  %r = call i32 @puts(ptr null)
  ret i32 %r
}
