; refused frames: a look at the caller's frame in the function `main`
define i32 @main() {
  %p = call ptr @llvm.returnaddress(i32 0)
  ret i32 0
}
