; refused varargs: a function with any number of arguments in the function `f`
define void @f(ptr %list) {
  call void @llvm.va_end.p0(ptr %list)
  ret void
}
