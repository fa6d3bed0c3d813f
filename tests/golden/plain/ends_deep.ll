; trap CallDepth
define i32 @main() {
  %r = call i32 @main()
  ret i32 %r
}
