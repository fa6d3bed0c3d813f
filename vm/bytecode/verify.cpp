#include "vm/bytecode/verify.hpp"


#include "vm/bytecode/codec.hpp"
#include "vm/bytecode/verify_state.hpp"
#include "vm/value/currency.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>
#include <span>

namespace tally {

using namespace verify_detail;

namespace {

// ---- counts, lengths, enum values
// ----------------------------------------------------------------

/// Walks a module along the grammar and asks only: would `decode` take it back? Types and entries, of which there
/// may be megabytes, are left to who looks at each of them anyway, so that they come from memory once.
class LimitCheck {
public:
    void text(const std::string& v, std::size_t max) { demand(v.size() <= max); }
    void text(const RareText& v, std::size_t max) { demand(v.size() <= max); }
    void bytes(const std::vector<std::uint8_t>& v, std::size_t max) { demand(v.size() <= max); }
    template <typename N> void number(N) {}
    void index(std::uint32_t) {}
    void parts(std::uint32_t, std::uint32_t, std::uint32_t) {}
    void word(u64) {}
    void flag(bool) {}
    template <typename E> void pick(E v, unsigned count) {
        demand(static_cast<unsigned>(v) < count);
    }
    void integer(i64) {}
    void wide(i128) {}
    void hash(const Hash&) {}
    void code(const std::vector<Instruction>& v, std::size_t max) {
        demand(v.size() <= max);
        demand(std::all_of(v.begin(), v.end(), [](const Instruction& in) { return static_cast<std::size_t>(in.op) < op_count; }));
    }
    void names(const NameList& v, std::size_t max) { names_of(v, max); }
    void fields(const FieldList& v, std::size_t max) { names_of(v, max); }
    void words(const Words& v, std::size_t max) { demand(v.size() <= max); }
    template <typename List, typename Each>
    void list(const List& v, std::size_t max, const Each& each) {
        using Item = typename List::value_type;
        demand(v.size() <= max);
        if constexpr (std::is_same_v<Item, Type> || std::is_same_v<Item, Entry>) return;
        for (const Item& item : v)
            each(*this, item);
    }
    bool enter(std::size_t max) {
        demand(depth_ < max);
        depth_ += ok_ ? 1 : 0;
        return ok_;
    }
    void leave() { --depth_; }
    [[nodiscard]] bool ok() const { return ok_; }

private:
    template <typename Place> void names_of(const NamedList<Place>& v, std::size_t max) {
        demand(v.size() <= max);
        std::uint32_t longest = 0;
        for (const Place& place : v.places()) longest = std::max(longest, place.size);
        demand(longest <= limits::name_bytes);
    }
    void demand(bool holds) { ok_ = ok_ && holds; }
    bool ok_ = true;
    std::size_t depth_ = 0;
};

constexpr const char* beyond_limit = "a count, a length or a kind is beyond its limit";

template <typename T, typename Grammar> bool within_limits(State& s, const T& part, const Grammar& grammar) {
    LimitCheck check;
    grammar(check, part);
    return s.need(check.ok(), beyond_limit);
}

bool is_collection(TypeKind kind) {
    return kind == TypeKind::List || kind == TypeKind::Map || kind == TypeKind::Set;
}

// ---- types --------------------------------------------------------------------------------------

/// The cases of enums in order, to find quickly whether one of them owns a variant's field. Neither putting
/// them in order nor finding one branches on their bytes: whoever writes a module could make every guess wrong.
/// All of a module's lie in one row, as an enum may have but a few.
class CaseNames {
public:
    /// Gives the number by which `own` knows them.
    std::uint32_t add(const NameList& cases) {
        const auto places = cases.places();
        const std::span<Key> keys = pool_.row<Key>(places.size());
        for (std::uint32_t i = 0; i < keys.size(); ++i) keys[i] = {head_of(cases, places[i]), i, places[i].size};
        sort_by_head(keys);
        sort_alike(keys, cases);
        enums_.emplace_back(&cases, keys, keys.size() < many ? nullptr : index(keys));
        return static_cast<std::uint32_t>(enums_.size() - 1);
    }

    /// Is what stands before the first dot of the field's name one of the cases? A case with a dot in its
    /// own name, which no compiler makes, owns nothing.
    [[nodiscard]] bool own(std::uint32_t number, std::string_view field) {
        Enum& e = enums_[number];
        u64 head = 0;
        std::size_t size = 0; // of the case's name
        for (; size < field.size() && field[size] != '.'; ++size)
            if (size < sizeof head) head = head << 8 | static_cast<unsigned char>(field[size]);
        if (size == field.size()) return false;
        head = at_the_top(head, size);
        return is_at(e, head, field.substr(0, size)) || find(e, head, field.substr(0, size));
    }

private:
    static constexpr std::size_t few = 40;  ///< so many are put in order by comparing each with each
    static constexpr std::size_t many = 64; ///< from so many on, first bytes are looked up

    struct Key {
        u64 head; ///< the first eight bytes of the name, which decide most comparisons
        std::uint32_t name, size;
    };
    struct Enum {
        Enum(const NameList* all, std::span<const Key> sorted, const std::uint16_t* by_byte) : cases(all), keys(sorted), ends(by_byte) {}
        const NameList* cases;
        std::span<const Key> keys;
        const std::uint16_t* ends; ///< where the heads with each first byte end; null: there are few
        std::size_t last = 0;      ///< where the last one was found: the fields of a case stand together
    };

    /// Read at once where what follows the name lies in the same bytes: a loop over names of changing sizes guesses badly.
    static u64 head_of(const NameList& cases, NamePlace place) {
        const std::size_t size = std::min<std::size_t>(place.size, sizeof(u64));
        const std::string_view bytes = cases.bytes().substr(place.at, sizeof(u64));
        u64 head = 0;
        if (bytes.size() == sizeof head) {
            std::memcpy(&head, bytes.data(), sizeof head);
            if constexpr (std::endian::native == std::endian::little) head = __builtin_bswap64(head);
            return size == 0 ? 0 : head >> (64 - 8 * size) << (64 - 8 * size);
        }
        for (const char byte : bytes.substr(0, size)) head = head << 8 | static_cast<unsigned char>(byte);
        return at_the_top(head, size);
    }
    static u64 at_the_top(u64 head, std::size_t size) {
        return size == 0 || size >= sizeof head ? head : head << (8 * (sizeof head - size));
    }

    void sort_by_head(std::span<Key> keys) {
        u64 differ = 0;
        bool sorted = true;
        for (std::size_t i = 1; i < keys.size(); ++i) {
            differ |= keys[i].head ^ keys[0].head;
            sorted = sorted && keys[i - 1].head <= keys[i].head;
        }
        if (sorted) return;
        sorted_.resize(std::max(sorted_.size(), keys.size()));
        if (keys.size() <= few) return sort_few(keys);
        std::span<Key> from = keys, to(sorted_.data(), keys.size());
        for (unsigned shift = 0; shift < 64; shift += 8) {
            if ((differ >> shift & 0xff) == 0) continue;
            sort_by_byte(from, to, shift);
            std::swap(from, to);
        }
        if (from.data() != keys.data()) std::copy(from.begin(), from.end(), keys.begin());
    }

    /// To each its place: how many are below it, or alike and before it.
    void sort_few(std::span<Key> keys) {
        std::array<std::uint8_t, few> places{};
        for (std::size_t i = 1; i < keys.size(); ++i) {
            unsigned place = 0;
            for (std::size_t j = 0; j < i; ++j) {
                const unsigned below = keys[j].head <= keys[i].head ? 1 : 0;
                place += below;
                places[j] = static_cast<std::uint8_t>(places[j] + 1 - below);
            }
            places[i] = static_cast<std::uint8_t>(place);
        }
        for (std::size_t i = 0; i < keys.size(); ++i) sorted_[places[i]] = keys[i];
        std::copy_n(sorted_.begin(), keys.size(), keys.begin());
    }

    /// Called for each byte in which heads differ, the last one first. Counted by turns, so that keys that are
    /// alike need not wait for each other.
    static void sort_by_byte(std::span<const Key> keys, std::span<Key> sorted, unsigned shift) {
        const auto digit = [shift](const Key& key) { return key.head >> shift & 0xff; };
        std::array<std::uint32_t, 256> next{}, others{};
        for (std::size_t i = 0; i + 1 < keys.size(); i += 2) ++next[digit(keys[i])], ++others[digit(keys[i + 1])];
        if (keys.size() % 2 == 1) ++next[digit(keys.back())];
        std::uint32_t before = 0;
        for (std::size_t i = 0; i < next.size(); ++i) before += std::exchange(next[i], before) + others[i];
        for (const Key& key : keys) sorted[next[digit(key)]++] = key;
    }

    /// Those with one head: names of more than eight bytes, or that end in zero bytes.
    static void sort_alike(std::span<Key> keys, const NameList& cases) {
        const auto alike = [](const Key& a, const Key& b) { return a.head == b.head; };
        const auto before = [&cases](const Key& a, const Key& b) { return cases[a.name] < cases[b.name]; };
        auto at = std::adjacent_find(keys.begin(), keys.end(), alike);
        while (at != keys.end()) {
            const auto end = std::find_if(at, keys.end(), [at](const Key& key) { return key.head != at->head; });
            std::sort(at, end, before);
            at = std::adjacent_find(end, keys.end(), alike);
        }
    }

    /// Names of one byte are found at once by it.
    const std::uint16_t* index(std::span<const Key> keys) {
        const std::span<std::uint16_t> ends = pool_.row<std::uint16_t>(256);
        std::fill(ends.begin(), ends.end(), std::uint16_t{0});
        for (std::size_t i = 0; i < keys.size(); ++i) ends[keys[i].head >> 56] = static_cast<std::uint16_t>(i + 1);
        std::partial_sum(ends.begin(), ends.end(), ends.begin(), [](auto a, auto b) { return std::max(a, b); });
        return ends.data();
    }

    [[nodiscard]] bool is_at(const Enum& e, u64 head, std::string_view name) const {
        if (e.last == e.keys.size()) return false;
        const Key& key = e.keys[e.last];
        if (key.head != head || key.size != name.size()) return false;
        return name.size() <= sizeof head || (*e.cases)[key.name] == name;
    }

    bool find(Enum& e, u64 head, std::string_view name) {
        e.last = first_not_below(e, head);
        if (is_at(e, head, name)) return true;
        const Key* const keys = e.keys.data();
        const Key* const end = std::upper_bound(keys + e.last, keys + e.keys.size(), head, [](u64 wanted, const Key& key) { return wanted < key.head; });
        const auto before = [&e](const Key& key, std::string_view wanted) { return (*e.cases)[key.name] < wanted; };
        e.last = static_cast<std::size_t>(std::lower_bound(keys + e.last, end, name, before) - keys);
        return is_at(e, head, name);
    }

    [[nodiscard]] static std::size_t first_not_below(const Enum& e, u64 head) {
        const u64 byte = head >> 56;
        std::size_t first = e.ends == nullptr || byte == 0 ? 0 : e.ends[byte - 1];
        for (std::size_t count = (e.ends == nullptr ? e.keys.size() : e.ends[byte]) - first; count > 0;) {
            const std::size_t half = (count + 1) / 2;
            const std::size_t next = first + half;
            first = e.keys[next - 1].head < head ? next : first;
            count -= half;
        }
        return first;
    }

    std::vector<Enum> enums_;
    std::vector<Key> sorted_; ///< room to sort in
    Pool pool_;
};

class TypeCheck {
public:
    explicit TypeCheck(State& state) : s_(state), types_(state.module.types) {}

    bool run() {
        s_.facts.layouts.reserve(types_.size());
        seen_.reserve(types_.size());
        for (std::uint32_t i = 0; i < types_.size(); ++i) {
            if (!within_limits(s_, types_[i], codec::type)) return false;
            if (!type(i)) {
                s_.error.what = "type " + std::to_string(i) + ": " + s_.error.what;
                return false;
            }
        }
        return true;
    }

private:
    bool type(std::uint32_t i) {
        const Type& t = types_[i];
        if (!members(t) || !parts(t, i)) return false;
        if (!lay_out(t, s_.facts.layouts)) return s_.fail("larger than a value may be");
        seen_.push_back({static_cast<std::uint8_t>(below_ + 1), may_be_key(t, i), takes_room(i) && t.kind != TypeKind::Accrual});
        return s_.need(seen_.back().depth <= limits::type_depth, "nested too deeply") &&
               (t.kind != TypeKind::Map || s_.need(seen_[t.key].key, "not a key type")) &&
               (t.kind != TypeKind::Set || s_.need(seen_[t.element].key, "not a key type"));
    }

    /// Members that the kind does not use are empty, so that one type has one encoding.
    bool members(const Type& t) {
        const bool map = t.kind == TypeKind::Map;
        const bool holds = is_collection(t.kind) || t.kind == TypeKind::Optional;
        const bool bounded = is_collection(t.kind) || is_string(t.kind);
        const std::size_t max =
            is_string(t.kind) ? limits::text_bytes : limits::collection_elements;
        return s_.need(map || t.key == none, "a key where none belongs") &&
               s_.need(holds || t.element == none, "an element where none belongs") &&
               s_.need(bounded || t.max == 0, "a maximum where none belongs") &&
               s_.need(t.max <= max, "the maximum is too large") &&
               s_.need(has_fields(t.kind) || t.fields.empty(),
                       "fields where none belong") &&
               s_.need((t.kind == TypeKind::Enum) == !t.cases.empty(), "cases are for enums");
    }

    /// All types that this one is made of; what they say of it.
    bool parts(const Type& t, std::uint32_t i) {
        below_ = 0;
        fields_are_keys_ = true;
        for (const Field& field : t.fields)
            if (!part(field.type, i)) return false;
        if (t.kind == TypeKind::Variant && !variant(t)) return false;
        if (t.kind == TypeKind::Map) {
            if (!part(t.key, i)) return false;
            if (t.element < i && types_[t.element].kind == TypeKind::Cash) return nested_in(t.element);
        }
        const bool holds = is_collection(t.kind) || t.kind == TypeKind::Optional;
        return !holds || part(t.element, i);
    }

    bool nested_in(std::uint32_t p) {
        below_ = std::max(below_, seen_[p].depth);
        fields_are_keys_ = fields_are_keys_ && seen_[p].key;
        return true;
    }

    /// The case first, then fields that each belong to one of the cases.
    bool variant(const Type& t) {
        if (!s_.need(!t.fields.empty() && types_[t.fields[0].type].kind == TypeKind::Enum, "a variant starts with its case")) return false;
        const std::uint32_t cases = cases_of(t.fields[0].type);
        for (std::size_t i = 1; i < t.fields.size(); ++i)
            if (!s_.need(cases_.own(cases, t.fields[i].name), "a variant's field belongs to no case")) return false;
        return true;
    }

    /// Sorted once for all variants of an enum.
    std::uint32_t cases_of(std::uint32_t type) {
        if (sorted_.empty()) sorted_.resize(types_.size(), none);
        if (sorted_[type] == none) sorted_[type] = cases_.add(types_[type].cases);
        return sorted_[type];
    }

    /// A part takes room: a type of n bytes then has at most n/8 leaves, which bounds every walk
    /// over a value. That also keeps Cash, and vaults, out of memory.
    bool part(std::uint32_t p, std::uint32_t i) {
        return s_.need(p < i, "refers to a type that is not before it") &&
               (seen_[p].part || s_.fail(takes_room(p) ? "an accrual is only a contract field" : "a part that is never in memory")) && nested_in(p);
    }
    bool takes_room(std::uint32_t p) const { return s_.facts.layouts[p].size > 0; }

    bool may_be_key(const Type& t, std::uint32_t i) const {
        if (s_.facts.layouts[i].size > limits::storage_key) return false;
        if (has_fields(t.kind)) return !t.fields.empty() && fields_are_keys_;
        return (t.kind > TypeKind::Unit && t.kind <= TypeKind::Decimal) || t.kind >= TypeKind::Number;
    }

    State& s_;
    const std::vector<Type>& types_;
    /// Of each type so far what those made of it ask.
    struct Seen {
        std::uint8_t depth; ///< up to limits::type_depth
        bool key, part;     ///< it may be in a key; in another type
    };
    std::vector<Seen> seen_;
    std::uint8_t below_ = 0;            ///< depth of the parts of the type at hand
    bool fields_are_keys_ = true;       ///< each of its parts may be in a key
    CaseNames cases_;                   ///< of the enums that a variant asked for
    std::vector<std::uint32_t> sorted_; ///< by type: number in `cases_`; empty until a variant asks
};

// ---- signatures ---------------------------------------------------------------------------------

/// A type that a parameter or a result can have.
bool is_value_type(const Module& module, std::uint32_t type) {
    if (type >= module.types.size()) return false;
    const Type& t = module.types[type];
    if (t.kind == TypeKind::Map) return module.types[t.element].kind != TypeKind::Cash;
    return t.kind != TypeKind::Accrual;
}

void add_parameter(const Module& module, std::uint32_t type, Signature& signature) {
    switch (bank_of(module.types[type].kind)) {
    case ResultBank::None: return;
    case ResultBank::X: ++signature.x; return;
    case ResultBank::W: ++signature.w; return;
    case ResultBank::H: ++signature.h; return;
    }
}

void add_result(const Module& module, std::uint32_t type, Signature& signature) {
    if (type == none) return;
    const TypeKind kind = module.types[type].kind;
    if (is_aggregate(kind))
        ++signature.x;
    else
        signature.result = bank_of(kind);
}

bool has_signature(const Function& f, const Signature& want) {
    return f.x_params == want.x && f.w_params == want.w && f.h_params == want.h &&
           f.result == want.result;
}

// ---- the interface ------------------------------------------------------------------------------

bool check_imports(State& s) {
    for (const Import& import : s.module.imports) {
        for (const std::uint32_t type : import.params)
            if (!s.need(is_value_type(s.module, type), "an import's parameter has no such type"))
                return false;
        if (!s.need(import.result == none || is_value_type(s.module, import.result),
                    "an import's result has no such type"))
            return false;
    }
    return true;
}

bool check_records(State& s, const std::vector<NamedRecord>& records) {
    return std::all_of(records.begin(), records.end(), [&](const NamedRecord& r) {
        const bool ok = r.record == none || (r.record < s.module.types.size() &&
                                             s.module.types[r.record].kind == TypeKind::Record);
        return s.need(ok, "an event or error carries what is not a record");
    });
}

bool check_function(State& s, std::uint32_t function, const Signature& want, const char* what) {
    return s.need(function < s.module.functions.size() &&
                      has_signature(s.module.functions[function], want),
                  what);
}

class ContractCheck {
public:
    ContractCheck(State& state, std::uint32_t number)
        : s_(state), module_(state.module), c_(state.module.contracts[number]), number_(number) {}

    bool run() {
        const Signature invariants{0, 0, 0, ResultBank::X};
        if (!lifecycle() || !fields()) return false;
        for (const Entry& e : c_.entries)
            if (!entry(e)) return false;
        for (const Migration& m : c_.migrations)
            if (!check_function(s_, m.function, {}, "a migration takes and gives nothing")) return false;
        return c_.invariants == none ||
               check_function(s_, c_.invariants, invariants, "the invariants take no parameters");
    }

private:
    bool need(bool holds, const char* what) { return s_.need(holds, what); }

    bool are_states(u64 mask) const {
        return c_.states.size() == limits::states || mask >> c_.states.size() == 0;
    }

    bool lifecycle() {
        if (!need(!c_.states.empty(), "a contract without states") ||
            !need(c_.parent == none || c_.parent < number_, "the parent is not before its child") ||
            !need(c_.currency == 0 || (!c_.generic && currency_by_code(c_.currency)), "no such currency") ||
            !need(c_.initial < c_.states.size(), "no such initial state") ||
            !need(are_states(c_.final_states), "no such final state") ||
            !need(c_.edges.size() == c_.states.size(), "edges of other states"))
            return false;
        return std::all_of(c_.edges.begin(), c_.edges.end(),
                           [&](u64 to) { return need(are_states(to), "an edge to no state"); });
    }

    bool fields() {
        for (const ContractField& f : c_.fields)
            if (!need(f.type < module_.types.size(), "a field has no such type") ||
                !need(are_states(f.states), "a field in no state") ||
                !need(kind_fits(f), "a field's kind and type do not agree"))
                return false;
        s_.facts.records.push_back(record_layout(c_, s_.facts.layouts, module_.types));
        return need(s_.facts.records.back().size <= limits::value_bytes, "the record is too large");
    }

    bool is_cash(std::uint32_t type) const { return module_.types[type].kind == TypeKind::Cash; }

    bool kind_fits(const ContractField& f) const {
        const Type& type = module_.types[f.type];
        const bool cash_map = type.kind == TypeKind::Map && is_cash(type.element);
        switch (f.kind) {
        case FieldKind::Role:
        case FieldKind::Const:
        case FieldKind::Var:
            return s_.facts.layouts[f.type].size > 0 && type.kind != TypeKind::Accrual;
        case FieldKind::Accrual: return type.kind == TypeKind::Accrual;
        case FieldKind::Vault: return is_cash(f.type) || cash_map;
        case FieldKind::Stored: return is_collection(type.kind) && !cash_map;
        }
        return false;
    }

    bool entry(const Entry& e) {
        if (!within_limits(s_, e, codec::entry)) return false;
        Signature want;
        for (const Field& param : e.params) {
            if (!need(is_value_type(module_, param.type), "an entry's parameter has no such type"))
                return false;
            add_parameter(module_, param.type, want);
        }
        given_ = want;
        given_.h = 0; // money left out
        if (!need(e.result == none || is_value_type(module_, e.result),
                  "an entry's result has no such type"))
            return false;
        add_result(module_, e.result, want);
        return check_function(s_, e.function, want, "an entry's function has other parameters") &&
               need(are_states(e.states), "an entry in no state") && clause(e) && auth(e, e.auth);
    }

    bool clause(const Entry& e) {
        if (e.kind != EntryKind::Clause)
            return need(e.next_date == none, "only a clause has a next date");
        const Signature next{1, 0, 0, ResultBank::X};
        return need(e.params.empty() && e.result == none, "nobody calls a clause") &&
               (e.next_date == none ||
                check_function(s_, e.next_date, next, "the next date takes a date and gives one"));
    }

    // Nesting is bounded by limits::auth_depth.
    bool auth(const Entry& e, const Auth& a) {
        if (!need(a.kind != AuthKind::Quorum || (a.n >= 1 && a.n <= a.d), "an impossible quorum") ||
            !need(a.kind != AuthKind::KOf || a.n >= 1, "an impossible quorum"))
            return false;
        if (a.kind == AuthKind::Term) return term(e, a);
        for (const Auth& child : a.children)
            if (!auth(e, child)) return false;
        return true;
    }

    bool term(const Entry& e, const Auth& a) {
        if (a.root == AuthRoot::Function) return computed(a);
        std::uint32_t type = root(e, a);
        if (!need(type != none, "a right starts nowhere")) return false;
        for (std::size_t i = 0; i < a.steps.size(); ++i) {
            std::uint32_t step = a.steps[i];
            if (step == index_field_step) {
                // The element of a list at the Int value of one of the contract's own fields.
                if (!need(++i < a.steps.size() && index_field(a.steps[i]) &&
                              module_.types[type].kind == TypeKind::List,
                          "a right indexes badly"))
                    return false;
                step = each_step;
            }
            type = next(module_.types[type], step);
            if (!need(type != none, "a right leads nowhere")) return false;
        }
        return true;
    }

    /// A function of the entry's parameters, money left out, that gives a party or parties.
    bool computed(const Auth& a) {
        if (!need(a.steps.size() == 1 && is_value_type(module_, a.steps[0]), "a right computes nothing")) return false;
        const Type& type = module_.types[a.steps[0]];
        const bool several = (type.kind == TypeKind::List || type.kind == TypeKind::Set) && module_.types[type.element].kind == TypeKind::Party;
        Signature want = given_;
        add_result(module_, a.steps[0], want);
        return need(several || type.kind == TypeKind::Party, "a right computes no party") &&
               check_function(s_, a.index, want, "a right's function has other parameters");
    }

    std::uint32_t root(const Entry& e, const Auth& a) const {
        if (a.root == AuthRoot::Parameter)
            return a.index < e.params.size() ? e.params[a.index].type : none;
        if (a.root == AuthRoot::ParentField && c_.parent == none) return none;
        const Contract& c = a.root == AuthRoot::Field ? c_ : module_.contracts[c_.parent];
        return a.index < c.fields.size() ? c.fields[a.index].type : none;
    }

    bool index_field(std::uint32_t field) const {
        if (field >= c_.fields.size()) return false;
        const ContractField& f = c_.fields[field];
        return f.kind != FieldKind::Vault && module_.types[f.type].kind == TypeKind::Int;
    }

    static std::uint32_t next(const Type& type, std::uint32_t step) {
        if (step != each_step) return step < type.fields.size() ? type.fields[step].type : none;
        if (type.kind == TypeKind::Map) return type.key;
        return type.kind == TypeKind::List || type.kind == TypeKind::Set ? type.element : none;
    }

    State& s_;
    const Module& module_;
    const Contract& c_;
    std::uint32_t number_;
    Signature given_; ///< by the entry at hand to the functions of its rights
};

bool check_contracts(State& s) {
    for (std::uint32_t i = 0; i < s.module.contracts.size(); ++i) {
        if (ContractCheck(s, i).run()) continue;
        if (s.error.what == beyond_limit) return false; // of no module that decodes, so it needs no place
        s.error.what = "contract `" + s.module.contracts[i].name + "`: " + s.error.what;
        return false;
    }
    return true;
}

bool check_tests(State& s) {
    return std::all_of(s.module.tests.begin(), s.module.tests.end(), [&](const TestEntry& test) {
        Signature want;
        for (const Field& param : test.params) {
            if (!s.need(is_value_type(s.module, param.type) && s.module.types[param.type].kind != TypeKind::Cash, "a property's parameter has no such type")) return false;
            add_parameter(s.module, param.type, want);
        }
        return check_function(s, test.function, want, "a test takes its parameters and gives nothing");
    });
}

/// A program has memory, tables and nothing of a contract; a contract the other way round.
bool check_program(State& s) {
    const ProgramPart& p = s.module.program;
    const Module& m = s.module;
    if (!p.present)
        return s.need(p == ProgramPart{}, "a table or memory in a module that is no program");
    const auto& functions = m.functions;
    const auto holds = [](const Function& f) { return f.h_slots > 0; };
    const auto known = [&](std::uint32_t f) { return f < functions.size(); };
    return s.need(m.contracts.empty() && m.imports.empty() && m.tests.empty(), "a program has no contracts, imports or tests") &&
           s.need(std::none_of(functions.begin(), functions.end(), holds), "a program has no holdings") &&
           s.need(p.memory >= self_address && p.memory <= limits::program_memory && p.memory % 16 == 0, "a program's memory is too small, too large or not a multiple of 16") &&
           s.need(p.data.size() <= p.memory - self_address && (p.data.empty() || p.data.back() != 0), "a program's data leave its memory or end in zeros") &&
           s.need(std::all_of(p.table.begin(), p.table.end(), known), "no such function in the table");
}

} // namespace

std::variant<Verified, VerifyError> verify(const Module& module) {
    State s{module, {}, {}, {}, {}, {}, {}, {}, {}, {}};
    const bool ok = within_limits(s, module, codec::module) && TypeCheck(s).run() && check_imports(s) &&
                    check_records(s, module.events) && check_records(s, module.errors) &&
                    check_program(s) && check_code(s) && check_chains(s) && check_contracts(s) && check_tests(s);
    if (!ok) return std::move(s.error);
    return std::move(s.facts);
}

ResultBank bank_of(TypeKind kind) {
    switch (kind) {
    case TypeKind::Unit: return ResultBank::None;
    case TypeKind::Money:
    case TypeKind::Amount:
    case TypeKind::Rate:
    case TypeKind::Number:
    case TypeKind::Decimal: return ResultBank::W;
    case TypeKind::Cash: return ResultBank::H;
    default: return ResultBank::X;
    }
}

bool is_aggregate(TypeKind kind) {
    return (kind >= TypeKind::Fraction && kind <= TypeKind::Accrual) || kind == TypeKind::Blob || kind == TypeKind::Variant;
}

namespace verify_detail {

Signature import_signature(const Module& module, const Import& import) {
    Signature signature;
    for (const std::uint32_t type : import.params)
        add_parameter(module, type, signature);
    add_result(module, import.result, signature);
    return signature;
}

} // namespace verify_detail

} // namespace tally
