/// What can go wrong outside the ledger's core: a code, what happened, how to go on. A failed
/// contract is not one of these: that is a receipt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace tally {

enum class NodeCode : std::uint16_t {
#define NODE_ERROR(name, code, http, what, fix) name,
#include "node/errors.def"
#undef NODE_ERROR
};

struct NodeCodeInfo {
    NodeCode code;
    std::string_view text; ///< `N1001`
    unsigned http;
    std::string_view what, fix;
};
[[nodiscard]] const NodeCodeInfo& node_code_info(NodeCode code);
[[nodiscard]] std::optional<NodeCode> node_code_by_text(std::string_view text);

struct NodeError {
    NodeCode code = NodeCode::BadInput;
    std::string detail; ///< of this case; may be empty

    [[nodiscard]] std::string what() const; ///< the table's text and the detail
    [[nodiscard]] std::string_view fix() const { return node_code_info(code).fix; }
    /// `N1001: what. fix`, for a terminal.
    [[nodiscard]] std::string line() const;
};

/// A value, or why there is none.
template <typename T> class [[nodiscard]] Result {
public:
    Result(T value) : content_(std::move(value)) {}
    Result(NodeError error) : content_(std::move(error)) {}
    [[nodiscard]] explicit operator bool() const { return content_.index() == 0; }
    [[nodiscard]] T& operator*() { return std::get<0>(content_); }
    [[nodiscard]] const T& operator*() const { return std::get<0>(content_); }
    [[nodiscard]] T* operator->() { return &std::get<0>(content_); }
    [[nodiscard]] const T* operator->() const { return &std::get<0>(content_); }
    [[nodiscard]] const NodeError& error() const { return std::get<1>(content_); }

private:
    std::variant<T, NodeError> content_;
};

/// Nothing, or what went wrong.
using Problem = std::optional<NodeError>;

/// Node trouble is never a transaction's result: says what happened on the standard error and ends
/// the process with exit code 2, or 3 when room on the disk is all that it lacks, at once and
/// without destructors. The one place that does.
[[noreturn]] void stop_node(const NodeError& error);
inline constexpr int exit_refused = 1, exit_trouble = 2, exit_no_room = 3;

} // namespace tally
