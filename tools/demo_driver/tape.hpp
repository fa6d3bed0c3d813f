/// The loan tape: rows of a CSV file, exact cents, every doubtful row named.
#pragma once

#include "vm/value/date.hpp"
#include "vm/value/int128.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tally::demo {

struct TapeRow {
    std::size_t number = 0; ///< of the record, from 1
    i128 principal = 0, paid_total = 0, paid_interest = 0, late_fees = 0, real_instalment = 0; ///< cents
    i128 rate = 0;          ///< per year, at 10^-18
    i64 periods = 0;        ///< months
    i64 month = 0;          ///< of issue: year × 12 + month − 1
    std::string status;
};

/// Something is wrong with a record. A row with digits below a cent is lived with those digits cut off
/// (a cent cannot be split on the ledger); a row that cannot be read is left out, and only that row:
/// rows are independent loans, and one bad line must not keep the others from the ledger.
struct TapeComplaint {
    std::size_t row = 0, line = 0;
    std::string what;
    bool left_out = false;
};

struct Tape {
    std::vector<TapeRow> rows;
    std::vector<TapeComplaint> complaints; ///< at most one for a row
    std::size_t records = 0, quoted = 0;   ///< quoted: records with a comma inside quotes
};

/// Reads at most `limit` records (0: all). `why` tells what is wrong with the file itself.
[[nodiscard]] std::optional<Tape> read_tape(const std::string& path, std::size_t limit, std::string& why);

} // namespace tally::demo
