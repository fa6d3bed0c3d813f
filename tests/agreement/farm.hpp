/// One program, three ways to run it: the evaluator, unoptimised bytecode, optimised bytecode, each on a ledger of its
/// own, driven by the same steps and compared after each.
#pragma once

#include "tests/agreement/dice.hpp"
#include "tests/agreement/evaluate.hpp"

#include <map>
#include <optional>
#include <string>

namespace tally::agreement {

/// A transaction or a question, or the creation of an instance, perhaps some days later.
struct Step {
    i64 days = 0;         ///< the business date moves first
    std::string contract; ///< create: of this contract
    u64 instance = 0;     ///< else
    std::string entry;
    u64 signer = 0; ///< a party, or `both_parties`
    std::vector<Value> arguments; ///< money: its amount
};
inline constexpr u64 first_party = 2, parties = 2; ///< the stage itself is 1
inline constexpr u64 both_parties = first_party + parties;
[[nodiscard]] std::vector<u64> signers_of(u64 signer);
/// As a line of a regression file, and back. Arguments are read by the types of the entry.
[[nodiscard]] std::string text_of(const Step& step, const FnDecl& fn);
[[nodiscard]] std::optional<Step> step_of(const std::string& line, const check::Program& program);

/// A fault that is put in on purpose, to prove that it is seen.
enum class Canary { None, WrongOperator };

struct Finding {
    enum class Kind { Agree, Refused, Differ } kind = Kind::Agree;
    std::string what; ///< Refused: the complaints; Differ: where, and what each said
    std::vector<std::string> steps; ///< what was done, as lines
    std::size_t calls = 0, trapped = 0;
    std::map<std::string, std::size_t> traps;
    std::map<std::string, std::size_t> ops; ///< in this program: 0 or 1 each
};

class Farm {
public:
    explicit Farm(Canary canary = Canary::None) : canary_(canary) {}
    /// Steps at random.
    [[nodiscard]] Finding run(const std::string& source, u64 seed, std::size_t calls);
    /// These steps; those that do not fit the program any more are left out.
    [[nodiscard]] Finding run(const std::string& source, const std::vector<std::string>& steps);

private:
    template <typename Next> Finding drive(const std::string& source, Next next);
    Canary canary_;
};

/// The steps that a source file of regressions/ carries in its comments.
[[nodiscard]] std::vector<std::string> steps_in(const std::string& source);
/// The same difference from less source and fewer steps.
[[nodiscard]] std::string minimised(Farm& farm, const std::string& source, const std::vector<std::string>& steps);

} // namespace tally::agreement
