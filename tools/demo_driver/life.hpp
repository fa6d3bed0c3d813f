/// The main job: a consortium is founded, a loan tape is lived month by month, positions are netted.
#pragma once

#include "tools/demo_driver/session.hpp"
#include "tools/demo_driver/tape.hpp"

namespace tally::demo {

inline constexpr std::size_t partners = 5;
inline const std::string lead = "lead", servicer = "servicer", settlement = "settlement", auditor = "auditor", registrar = "registrar";
[[nodiscard]] std::string partner_name(std::size_t number); ///< from 0: `partner-1`

struct LoanFigures {
    struct Share { std::string bank, outstanding, interest, fees, lost; };
    std::size_t row = 0;
    InstanceId instance = 0;
    std::string state, instalment, undue, due, credit, fee_due, payoff;
    std::vector<Share> shares;
    std::string bucket;
};
struct BankFigures { i128 funded = 0, outstanding = 0, interest = 0, fees = 0, net = 0; };
struct MonthFigures {
    std::string on;
    std::map<std::string, i128> net; ///< by bank; settled in this cut
    i128 gross = 0, settled = 0;
};
struct Figures {
    std::vector<LoanFigures> loans;
    std::map<std::string, BankFigures> banks;
    std::vector<MonthFigures> months;
    std::string end;
    std::size_t instalments_matched = 0, written_off = 0;
    std::size_t transactions = 0;
    double seconds = 0; ///< of living the tape, founding and questions left out
    u64 height = 0;
    std::string root;
};

/// The modules, compiled before: the node takes bytecode only.
struct Modules { Bytes clearing, joint; };

using Progress = std::function<void(const std::string& what, std::size_t done, std::size_t of)>;

[[nodiscard]] Figures live(Session& session, const Modules& modules, const Tape& tape, const Progress& progress);

} // namespace tally::demo
