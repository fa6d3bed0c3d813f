#include "node/read_ahead.hpp"

#include "runtime/keys.hpp"

#include <algorithm>
#include <span>

namespace tally {
namespace {

constexpr std::size_t worth_a_thread = 16; ///< calls
constexpr std::size_t at_once = 16;        ///< instances: the first are needed at once

} // namespace

void ReadAhead::note(const Payload& payload) {
    if (const auto* const call = std::get_if<Call>(&payload)) instances_.push_back(call->instance);
    if (const auto* const batch = std::get_if<Batch>(&payload))
        for (const auto& item : batch->items)
            if (const auto* const call = std::get_if<Call>(&item)) instances_.push_back(call->instance);
}

void ReadAhead::start() {
    if (instances_.size() >= worth_a_thread) thread_ = std::thread([this] { read(); });
}

void ReadAhead::stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

/// Rows first, for the transactions wait for them; nodes are needed when all have run.
void ReadAhead::read() {
    for (std::size_t done = 0; done < instances_.size() && !stopping_; done += at_once) {
        std::vector<Bytes> rows;
        for (const InstanceId id : std::span(instances_).subspan(done, std::min(at_once, instances_.size() - done)))
            rows.push_back(keys::instance(id));
        store_.read_ahead(rows);
    }
    for (std::size_t i = 0; i < instances_.size() && !stopping_; ++i)
        tree::touch(tree_, height_, keys::instance(instances_[i]));
}

} // namespace tally
