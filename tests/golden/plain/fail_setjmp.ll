; refused setjmp: a jump out of a function in the function `main`
declare i32 @setjmp(ptr)
define i32 @main() {
  %r = call i32 @setjmp(ptr null)
  ret i32 %r
}
