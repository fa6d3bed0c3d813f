#include "tools/explain_posting.hpp"

#include "node/client/client.hpp"
#include "tools/source_files.hpp"

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <set>

namespace tally {
namespace {

constexpr std::size_t depth_shown = 12; ///< of a lineage, unless all is asked for

const std::vector<Json>& items(const Json& json, std::string_view name) {
    static const std::vector<Json> nothing;
    const Json* const found = json.member(name);
    return found == nullptr ? nothing : found->items;
}

std::string or_nothing(const Json& json, std::string_view name) {
    const Json* const found = json.member(name);
    return found == nullptr || found->kind == Json::Kind::Null ? "nothing" : found->text;
}

/// `account 3`, `reserve[partner]` of instance 1
std::string subject(const Json& posting) {
    if (posting.member("account") != nullptr) return fmt::format("account {}", number_in(posting, "account"));
    return fmt::format("`{}` of instance {}", text_in(posting, "path"), number_in(posting, "instance"));
}

std::string headline(const Json& posting) {
    return fmt::format("{}  {} {}  {}, from {} to {}\n", text_in(posting, "id"), text_in(posting, "change"), text_in(posting, "currency"), subject(posting), or_nothing(posting, "before"), or_nothing(posting, "after"));
}

std::string item_line(const Json& item) {
    const std::string trap = text_in(item, "trap_name"), failed = trap == "None" ? "" : ", which failed: " + trap;
    if (text_in(item, "kind") == "clause")
        return fmt::format("in {}, the clause `{}` of instance {} due on {}, run on {}{}\n", text_in(item, "item"), text_in(item, "clause"), number_in(item, "instance"), text_in(item, "clause_date"), text_in(item, "date"), failed);
    std::string signers;
    for (const Json& one : items(item, "signers")) signers += (signers.empty() ? "" : ", ") + one.text;
    return fmt::format("in {}, the transaction with intent {}, signed by {}, on {}{}\n", text_in(item, "item"), text_in(item, "intent"), signers, text_in(item, "date"), failed);
}

/// The lines of contracts, by the name of their module.
class ContractLines {
public:
    explicit ContractLines(const std::string& path) {
        if (path.empty()) return;
        for (const std::string& file : expand({path})) {
            std::ifstream in(file);
            std::vector<std::string> lines;
            std::string module;
            for (std::string line; std::getline(in, line);) {
                if (module.empty() && line.starts_with("module ")) module = line.substr(7, line.find_first_of(" ;", 7) - 7);
                lines.push_back(line.substr(std::min(line.find_first_not_of(" \t"), line.size())));
            }
            lines_[module] = std::move(lines);
        }
    }
    /// ` | ` and the line; empty if it is not at hand.
    [[nodiscard]] std::string line(const Json& place) const {
        const auto found = lines_.find(text_in(place, "module"));
        const u64 number = number_in(place, "line");
        if (found == lines_.end() || number == 0 || number > found->second.size()) return {};
        return " | " + found->second[static_cast<std::size_t>(number - 1)];
    }

private:
    std::map<std::string, std::vector<std::string>> lines_;
};

std::string place_line(const Json& place, const ContractLines& sources) {
    std::string out = fmt::format("  by {} of {}, line {}", text_in(place, "function"), text_in(place, "module"), number_in(place, "line"));
    const std::string entry = text_in(place, "entry"), law = text_in(place, "law");
    if (!entry.empty()) out += fmt::format(", that is `{}` of instance {}", entry, number_in(place, "instance"));
    if (!law.empty()) out += ", " + law;
    return out + sources.line(place) + "\n";
}

/// A lineage, each node under what came of it.
class Tree {
public:
    Tree(const Json& answer, const ExplainOptions& options, const ContractLines& sources) : options_(options), sources_(sources) {
        for (const Json& node : items(answer, "nodes")) nodes_[number_in(node, "node")] = &node;
    }

    void add(const std::string& sign, u64 number, std::size_t depth) {
        const auto found = nodes_.find(number);
        if (found == nodes_.end()) return;
        const Json& node = *found->second;
        const auto& inputs = items(node, "inputs");
        const bool again = !seen_.insert(number).second && !inputs.empty(), deep = depth == depth_shown && !options_.all && !inputs.empty();
        out_ += std::string(2 * depth + 2, ' ') + sign + text_in(node, "value") + ": " + text_in(node, "words");
        if (const std::string since = text_in(node, "since"); !since.empty()) out_ += ", written by " + since;
        if (node.member("function") != nullptr && !inputs.empty()) out_ += fmt::format(" ({}, line {})", text_in(node, "function"), number_in(node, "line"));
        out_ += (again ? ", see above" : deep ? ", …" : sources_.line(node)) + "\n";
        for (std::size_t i = 0; i < inputs.size() && !again && !deep; ++i)
            if (worth_showing(number_of(inputs[i]))) add("", number_of(inputs[i]), depth + 1);
    }
    [[nodiscard]] const std::string& text() const { return out_; }

private:
    static u64 number_of(const Json& json) { return std::strtoull(json.text.c_str(), nullptr, 10); }

    /// Numbers of the code and sums of nothing are said already where they are used.
    [[nodiscard]] bool worth_showing(u64 number) const {
        const auto found = nodes_.find(number);
        if (found == nodes_.end() || options_.all) return true;
        return text_in(*found->second, "kind") != "constant" && text_in(*found->second, "value").find_first_not_of("-0.") != std::string::npos;
    }

    const ExplainOptions& options_;
    const ContractLines& sources_;
    std::map<u64, const Json*> nodes_;
    std::set<u64> seen_;
    std::string out_;
};

} // namespace

std::string explanation(const Json& answer, const ExplainOptions& options) {
    const Json* const item = answer.member("item");
    const Json* const posting = answer.member("posting");
    if (item == nullptr) return {};
    if (posting == nullptr) {
        std::string out = item_line(*item);
        for (const Json& one : items(answer, "postings")) out += headline(one);
        return items(answer, "postings").empty() ? out + "it posted nothing\n" : out;
    }
    const ContractLines sources(options.source);
    std::string out = headline(*posting) + item_line(*item);
    for (const Json& place : items(*posting, "places")) out += place_line(place, sources);
    Tree tree(answer, options, sources);
    for (const Json& term : items(answer, "terms")) tree.add(text_in(term, "sign") + " ", number_in(term, "node"), 0);
    out += "where it came from:\n" + tree.text();
    const Json* const cut = answer.member("cut");
    return cut != nullptr && cut->text == "true" ? out + "  … and more than is kept of one lineage\n" : out;
}

} // namespace tally
