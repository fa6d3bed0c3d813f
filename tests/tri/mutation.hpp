/// Small changes to a module, most of which the verifier refuses.
#pragma once

#include "tests/tri/interface.hpp"

namespace tally::tri {

/// One instruction, one operand or one number of a header is another one now.
void mutate(Module& module, Dice& dice);
/// The same, of code alone: what it touches verifies more often.
void mutate_code(Function& f, Dice& dice);

} // namespace tally::tri
