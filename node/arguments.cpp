#include "node/arguments.hpp"

namespace tally {

Result<Bytes> encode_arguments(const Program& program, const Entry& entry, std::string_view json, int money_exponent, const PartyByName& party) {
    auto made = arguments_of_json(program, entry, json, money_exponent, party);
    if (auto* problem = std::get_if<std::string>(&made)) return NodeError{NodeCode::BadParameter, std::move(*problem)};
    return std::get<Bytes>(std::move(made));
}

} // namespace tally
