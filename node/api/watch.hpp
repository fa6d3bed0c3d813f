/// What the API does, for those that count or log it. Called by the threads of the API: must return at once.
#pragma once

#include "node/api/route_table.hpp"

namespace tally {

struct Answered {
    const Caller& caller;
    std::string_view method, target; ///< as sent: anything may be in them
    std::string_view route;          ///< of the table; empty if there is none
    unsigned status = 0;
};

class ApiWatch {
public:
    ApiWatch() = default;
    ApiWatch(const ApiWatch&) = delete;
    ApiWatch& operator=(const ApiWatch&) = delete;
    virtual ~ApiWatch() = default;

    virtual void answered(const Answered&) {}
    /// A connection on which no TLS came about.
    virtual void turned_away(const std::string& /*address*/, const std::string& /*why*/) {}
};

} // namespace tally
