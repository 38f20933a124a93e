#include "ledger/sealing/items.hpp"

#include "ledger/base/ensure.hpp"

#include <algorithm>

namespace ledger::sealing {
namespace {

constexpr std::string_view magic = "MLRITEM1";

void append_integer(Bytes& to, std::uint64_t value, int bytes)
{
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        to.push_back(static_cast<std::uint8_t>(value >> shift));
}

std::uint64_t integer(ByteView bytes)
{
    std::uint64_t value = 0;
    for (const auto byte : bytes) value = value << 8 | byte;
    return value;
}

}  // namespace

Result<void> check_item_name(std::string_view name)
{
    if (name.empty() || name.size() > item_name_bytes)
        return invalid("an item's name has 1 to 1024 bytes");
    for (const auto byte : as_bytes(name))
        if (byte < 0x20 || byte == 0x7f || byte == '\\')
            return invalid("an item's name has a control character or a backslash");
    while (true) {
        const auto slash = name.find('/');
        const auto part = name.substr(0, slash);
        if (part.empty() || part == "." || part == "..")
            return invalid("an item's name is no path below a folder");
        if (slash == std::string_view::npos) return {};
        name.remove_prefix(slash + 1);
    }
}

Bytes items_begin()
{
    return {magic.begin(), magic.end()};
}

Bytes item_header(std::string_view name, std::uint64_t size)
{
    ensure(check_item_name(name).has_value(), "an item's name was checked");
    Bytes header{1};
    append_integer(header, name.size(), 2);
    append(header, as_bytes(name));
    append_integer(header, size, 8);
    return header;
}

Bytes items_end()
{
    return {0};
}

Result<void> ItemReader::read(ByteView more)
{
    while (!more.empty())
        if (const auto done = take(more); !done) return done;
    return {};
}

Result<void> ItemReader::finish() const
{
    if (expect_ != Expect::nothing) return invalid("the items end too early");
    return {};
}

Result<void> ItemReader::take(ByteView& more)
{
    if (expect_ == Expect::nothing) return invalid("bytes follow the end of the items");
    if (expect_ == Expect::data) {
        const auto piece = more.first(std::min<std::uint64_t>(left_, more.size()));
        more = more.subspan(piece.size());
        left_ -= piece.size();
        if (const auto done = handler_.data(piece); !done) return done;
        return left_ == 0 ? end_item() : Result<void>{};
    }
    const auto piece = more.first(std::min(wanted_ - got_.size(), more.size()));
    append(got_, piece);
    more = more.subspan(piece.size());
    return got_.size() == wanted_ ? field() : Result<void>{};
}

Result<void> ItemReader::field()
{
    const auto got = std::exchange(got_, {});
    switch (expect_) {
        case Expect::magic:
            if (as_text(got) != magic) return invalid("these are no sealed items");
            expect(Expect::kind, 1);
            return {};
        case Expect::kind:
            if (got[0] > 1) return invalid("an item of an unknown kind");
            got[0] == 0 ? expect(Expect::nothing, 0) : expect(Expect::name_length, 2);
            return {};
        case Expect::name_length: {
            const auto length = integer(got);
            if (length == 0 || length > item_name_bytes)
                return invalid("an item's name has 1 to 1024 bytes");
            expect(Expect::name, length);
            return {};
        }
        case Expect::name:
            name_ = as_text(got);
            if (const auto good = check_item_name(name_); !good) return good;
            expect(Expect::size, 8);
            return {};
        case Expect::size:
            return begin_item(integer(got));
        case Expect::data:
        case Expect::nothing:
            break;
    }
    return {};
}

Result<void> ItemReader::begin_item(std::uint64_t size)
{
    if (const auto done = handler_.begin(name_, size); !done) return done;
    left_ = size;
    expect(Expect::data, 0);
    return size == 0 ? end_item() : Result<void>{};
}

Result<void> ItemReader::end_item()
{
    ++items_;
    expect(Expect::kind, 1);
    return handler_.end();
}

void ItemReader::expect(Expect next, std::size_t bytes)
{
    expect_ = next;
    wanted_ = bytes;
}

}  // namespace ledger::sealing
