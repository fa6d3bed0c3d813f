// Links against vm/ only: the machine needs nobody above it.
#include "vm/bytecode/assemble.hpp"
#include "vm/engine/machine.hpp"

int main() {
    const auto assembled = tally::assemble("fn f(x0 w0 h0)  regs x0 w0 h0 frame 0 {\nb0:\n    ret\n}\n");
    return std::holds_alternative<tally::Module>(assembled) ? 0 : 1;
}
