; refused intrinsics: an intrinsic that has no lowering: `llvm.readcyclecounter` in the function `main`
define i32 @main() {
  %t = call i64 @llvm.readcyclecounter()
  ret i32 0
}
