#include "node/read_ahead.hpp"

#include "runtime/keys.hpp"

#include <algorithm>
#include <span>

namespace tally {
namespace {

constexpr std::size_t worth_a_thread = 16; ///< rows
constexpr std::size_t at_once = 32;        ///< rows: the first are needed at once

} // namespace

void ReadAhead::note(const Transaction& transaction) {
    rows_.push_back(keys::intent(transaction.intent));
    const Payload& payload = transaction.payload;
    if (const auto* const call = std::get_if<Call>(&payload)) rows_.push_back(keys::instance(call->instance));
    if (const auto* const batch = std::get_if<Batch>(&payload))
        for (const auto& item : batch->items)
            if (const auto* const call = std::get_if<Call>(&item)) rows_.push_back(keys::instance(call->instance));
}

void ReadAhead::start() {
    if (rows_.size() >= worth_a_thread) thread_ = std::thread([this] { read(); });
}

void ReadAhead::stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

/// Rows first, for the transactions wait for them; nodes are needed when all have run.
void ReadAhead::read() {
    for (std::size_t done = 0; done < rows_.size() && !stopping_; done += at_once)
        store_.read_ahead(std::span(rows_).subspan(done, std::min(at_once, rows_.size() - done)));
    for (std::size_t i = 0; i < rows_.size() && !stopping_; ++i)
        if (keys::proven(rows_[i])) tree::touch(tree_, height_, rows_[i]);
}

} // namespace tally
