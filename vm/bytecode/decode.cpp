#include "vm/bytecode/codec.hpp"
#include "vm/bytecode/encode.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <limits>

namespace tally {
namespace {

/// After the first fault every read gives zero, so the grammar runs to its end without a check.
///
/// What decodes is canonical without being encoded again: every read here takes exactly the bytes that the
/// Writer of encode.cpp gives for what was read. Numbers are minimal or refused, a byte with fewer values than
/// 256 is refused beyond them, everything else is taken as it stands, and the grammar is the same.
class Reader {
public:
    explicit Reader(ByteView bytes) : in_(bytes) {}

    /// Most are empty, or a string is made, which is cheaper than to fill one.
    [[gnu::always_inline]] void text(std::string& v, std::size_t max) {
        const std::size_t size = in_.count(max);
        if (size > 0) make(v, in_.raw(size));
    }
    [[gnu::always_inline]] void text(RareText& v, std::size_t max) {
        const std::size_t size = in_.count(max);
        if (size > 0) v = std::string(as_text(in_.raw(size)));
    }
    void bytes(Bytes& v, std::size_t max) {
        const ByteView bytes = in_.bytes(max);
        v.assign(bytes.begin(), bytes.end());
    }
    template <typename N> void number(N& v) {
        v = static_cast<N>(below(std::numeric_limits<N>::max()));
    }
    void index(std::uint32_t& v) { v = static_cast<std::uint32_t>(below(none)) - 1; }
    /// Nearly always of a byte each, which are then read without waiting for each other.
    void parts(std::uint32_t& key, std::uint32_t& element, std::uint32_t& max) {
        if (const std::uint8_t* const at = in_.short_numbers<3>()) {
            key = std::uint32_t{at[0]} - 1;
            element = std::uint32_t{at[1]} - 1;
            max = at[2];
            return;
        }
        index(key);
        index(element);
        number(max);
    }
    void word(u64& v) { v = in_.uvarint(); }
    void flag(bool& v) {
        const auto byte = in_.u8();
        if (byte > 1) in_.fail();
        v = byte == 1;
    }
    template <typename E> void pick(E& v, unsigned count) {
        const auto byte = in_.u8();
        if (byte < count)
            v = static_cast<E>(byte);
        else
            in_.fail();
    }
    void integer(i64& v) { v = in_.varint(); }
    void wide(i128& v) { v = in_.varint128(); }
    void hash(Hash& v) {
        const ByteView bytes = in_.raw(v.size());
        if (bytes.size() == v.size())
            std::copy(bytes.begin(), bytes.end(), v.begin());
        else
            in_.fail();
    }
    void code(std::vector<Instruction>& v, std::size_t max) {
        const std::size_t count = in_.count(max);
        const ByteView raw = in_.raw(count * sizeof(Instruction));
        if (raw.size() != count * sizeof(Instruction)) return in_.fail();
        v.resize(count);
        if (count > 0) std::memcpy(v.data(), raw.data(), raw.size());
        if constexpr (std::endian::native == std::endian::big)
            for (Instruction& in : v) in.imm = static_cast<std::int32_t>(__builtin_bswap32(static_cast<std::uint32_t>(in.imm)));
        const auto known = [](const Instruction& in) { return static_cast<std::size_t>(in.op) < op_count; };
        if (!std::all_of(v.begin(), v.end(), known)) in_.fail();
    }
    /// Their bytes in one piece, with the sizes between them.
    void names(NameList& v, std::size_t max) {
        std::array<NameList::Place, 16> few;
        std::vector<NameList::Place> many;
        std::span<NameList::Place> places(few);
        if (const std::size_t count = in_.count(max); count <= few.size()) {
            places = places.first(count);
        } else {
            many.resize(count);
            places = many;
        }
        const std::size_t begin = in_.position();
        for (NameList::Place& place : places) {
            const std::size_t size = in_.bytes(limits::name_bytes).size();
            place = {static_cast<std::uint32_t>(in_.position() - size - begin), static_cast<std::uint32_t>(size)};
        }
        if (in_.ok() && !places.empty()) v = {as_text(in_.since(begin)), places};
    }
    void words(Words& v, std::size_t max) {
        const std::size_t count = in_.count(max);
        std::uint32_t* const word = v.room(count);
        for (std::size_t i = 0; i < count; ++i) number(word[i]);
    }
    /// A false count is at most `max`, which reserves less than a megabyte, and nothing comes after it.
    template <typename T, typename Each>
    void list(std::vector<T>& v, std::size_t max, const Each& each) {
        const std::size_t count = in_.count(max);
        v.reserve(count);
        const auto all = [&](Reader& in) {
            for (std::size_t i = 0; i < count && in.in_.ok(); ++i)
                each(in, v.emplace_back());
        };
        if constexpr (std::is_same_v<T, Field>) {
            Reader local(*this); // in registers: through memory, each read would wait for the one before
            all(local);
            *this = local;
        } else {
            all(*this);
        }
    }
    bool enter(std::size_t max) {
        if (depth_ == max)
            in_.fail();
        else
            ++depth_;
        return in_.ok();
    }
    void leave() { --depth_; }

    ByteReader& in() { return in_; }

private:
    [[gnu::noinline]] static void make(std::string& v, ByteView bytes) {
        std::destroy_at(&v);
        std::construct_at(&v, as_text(bytes));
    }

    u64 below(u64 max) {
        const u64 v = in_.uvarint();
        if (v <= max) return v;
        in_.fail();
        return 0;
    }

    ByteReader in_;
    std::size_t depth_ = 0;
};

ModuleError error(std::string what) { return {std::move(what)}; }

} // namespace

std::variant<Module, ModuleError> decode(ByteView bytes) {
    if (bytes.size() > limits::module_bytes) return error("the module is too large");
    Reader reader(bytes);
    const ByteView magic = reader.in().raw(codec::magic.size());
    if (!std::equal(magic.begin(), magic.end(), codec::magic.begin(), codec::magic.end()))
        return error("not a Tally module");
    if (reader.in().uvarint() != isa_version) return error("the module is for another machine");
    if (reader.in().uvarint() != gas_schedule_version)
        return error("the module is for another gas schedule");
    Module module;
    codec::module(reader, module);
    if (!reader.in().done())
        return error("the module is damaged near byte " + std::to_string(reader.in().position()));
    assert(encode(module) == Bytes(bytes.begin(), bytes.end()) && "each read takes only what its write gives");
    return module;
}

} // namespace tally
