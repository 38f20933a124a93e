#include "ledger/codec/binary.hpp"

namespace ledger::codec {

std::string to_camel_case(std::string_view snake_case)
{
    std::string made;
    bool upper = false;
    for (const char c : snake_case) {
        if (c == '_') {
            upper = true;
        } else {
            made += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
            upper = false;
        }
    }
    return made;
}

bool Reader::fail(const char* what)
{
    if (error_.empty()) error_ = std::string{what} + " at byte " + std::to_string(at_);
    return false;
}

ByteView Reader::take(std::size_t n)
{
    if (failed() || n > remaining()) return fail("bytes missing"), ByteView{};
    const auto view = in_.subspan(at_, n);
    at_ += n;
    return view;
}

ByteView Reader::sized()
{
    std::size_t n = 0;
    if (!count(n, 1)) return {};
    return take(n);
}

bool Reader::integer(std::uint64_t& value, unsigned bytes)
{
    const auto view = take(bytes);
    if (failed()) return false;
    value = 0;
    for (const auto byte : view) value = value << 8 | byte;
    return true;
}

bool Reader::count(std::size_t& n, std::size_t least_each)
{
    std::uint64_t read = 0;
    if (!integer(read, 4)) return false;
    if (read > remaining() / least_each) return fail("a count exceeds the bytes that follow");
    n = static_cast<std::size_t>(read);
    return true;
}

bool Reader::finish()
{
    if (failed()) return false;
    return remaining() == 0 || fail("bytes left over");
}

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool Reader::is_utf8(ByteView text)
{
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = text[i];
        std::size_t more = 0;
        std::uint32_t point = lead;
        std::uint32_t least = 0;
        if (lead >= 0xf0 && lead < 0xf8)
            more = 3, point = lead & 7u, least = 0x10000;
        else if (lead >= 0xe0 && lead < 0xf0)
            more = 2, point = lead & 15u, least = 0x800;
        else if (lead >= 0xc0 && lead < 0xe0)
            more = 1, point = lead & 31u, least = 0x80;
        else if (lead >= 0x80)
            return false;
        if (more >= text.size() - i) return false;
        for (std::size_t k = 1; k <= more; ++k) {
            if ((text[i + k] & 0xc0) != 0x80) return false;
            point = point << 6 | (text[i + k] & 0x3fu);
        }
        if (point < least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
        i += more + 1;
    }
    return true;
}

}  // namespace ledger::codec
