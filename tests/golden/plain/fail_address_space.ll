; refused foreign types: a type that the machine does not know in the function `main`
define i32 @main() {
  %v = load i32, ptr addrspace(1) null
  ret i32 %v
}
