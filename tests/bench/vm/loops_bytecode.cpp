#include "tests/bench/vm/loops.hpp"

namespace tally::bench {

// x0 periods; w0 balance, w1 rate, w2 scale, w3 payment. Gives the interest that was paid.
const std::string_view amortise_code = R"(
fn amortise(x1 w4 h0) -> w  regs x1 w7 h0 frame 0 {
b0:
    brz x0, b2
b1:
    muldiv w5, w0, w1, w2, half_even
    wsubc w6, w3, w5
    wsubc w0, w0, w6
    waddc w4, w4, w5
    addi x0, x0, -1
    brnz x0, b1
b2:
    retw w4
}
)";

// x0 rounds, x1 the generator's state, x2 where the words are.
const std::string_view control_code = R"(
const x 0 = 6364136223846793005
const x 1 = 1442695040888963407
fn control(x3 w0 h0) -> x  regs x8 w0 h0 frame 0 {
b0:
    ldc x5, 0
    ldc x6, 1
    brz x0, b5
b1:
    mul x1, x1, x5
    add x1, x1, x6
    shri x3, x1, 33
    andi x3, x3, 1016
    add x3, x3, x2
    ldx x4, x3, 0
    blti x4, 0, b4
b2:
    shri x7, x1, 7
    xor x4, x4, x7
    stx x4, x3, 0
    addi x0, x0, -1
    brnz x0, b1
b3:
    retx x1
b4:
    add x4, x4, x1
    stx x4, x3, 0
    addi x0, x0, -1
    brnz x0, b1
b5:
    retx x1
}
)";

// x0 rows, x1 where they are; w0 what is there. Gives what is left.
const std::string_view waterfall_code = R"(
fn waterfall(x2 w1 h0) -> w  regs x2 w4 h0 frame 0 {
b0:
    brz x0, b2
b1:
    ldw w1, x1, 0
    ldw w3, x1, 16
    wmin w2, w0, w1
    wsubc w0, w0, w2
    waddc w3, w3, w2
    stw w3, x1, 16
    addi x1, x1, 32
    addi x0, x0, -1
    brnz x0, b1
b2:
    retw w0
}
)";

} // namespace tally::bench
