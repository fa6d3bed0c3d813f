; refused floats: a number with a binary point in the global `pi`
@pi = global [2 x float] [float 3.0, float 0.0]
define i32 @main() {
  ret i32 0
}
