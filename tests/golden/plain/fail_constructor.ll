; refused constructors: a function that runs before `main` in `llvm.global_ctors`
@llvm.global_ctors = appending global [1 x { i32, ptr, ptr }] [{ i32, ptr, ptr } { i32 65535, ptr @early, ptr null }]
define void @early() {
  ret void
}
