#include "inference/clients/runtimes.hpp"

namespace inference {

std::string_view cpp_includes()
{
    return R"text(#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#ifndef MILLRACE_NO_SOCKETS
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#endif
)text";
}

std::string_view cpp_runtime()
{
    return R"text(
struct Request {
    std::string method;
    std::string target;  // path, to be put after the node's address
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

struct Reply {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::string body;

    // Empty where there is none. `name` in lower case.
    std::string header(const std::string& name) const
    {
        for (const auto& field : headers)
            if (field.first == name) return field.second;
        return {};
    }
};

// Carries one request to the node and brings its answer back, whatever the status. Give your own
// for https, for connections that stay open, and for payment: when the answer is 402, sign what its
// header payment-required offers (x402, version 2) and repeat the request with PAYMENT-SIGNATURE.
using Transport = std::function<Reply(const Request&)>;

// A call that failed. `reply.status` is that of the node's answer, 0 where there was none.
class Error : public std::runtime_error {
public:
    explicit Error(const std::string& what, Reply answer = {})
        : std::runtime_error(what), reply(std::move(answer))
    {
    }
    Reply reply;
};

namespace detail {

inline bool little_endian()
{
    const std::uint16_t one = 1;
    unsigned char low = 0;
    std::memcpy(&low, &one, 1);
    return low == 1;
}

inline std::uint64_t elements(const std::vector<std::int64_t>& shape)
{
    const std::uint64_t most = std::uint64_t(1) << 32;
    std::uint64_t count = 1;
    for (const std::int64_t size : shape) {
        if (size < 0) throw Error("a shape has a negative size");
        const auto wide = static_cast<std::uint64_t>(size);
        if (wide != 0 && count > most / wide) throw Error("a shape is too large");
        count *= wide;
    }
    return count;
}

template <class Number>
void put(std::string& to, Number value)
{
    unsigned char bytes[sizeof(Number)];
    std::memcpy(bytes, &value, sizeof value);
    if (!little_endian()) std::reverse(bytes, bytes + sizeof value);
    to.append(reinterpret_cast<const char*>(bytes), sizeof value);
}

template <class Number>
Number get(const char* from)
{
    unsigned char bytes[sizeof(Number)];
    std::memcpy(bytes, from, sizeof bytes);
    if (!little_endian()) std::reverse(bytes, bytes + sizeof bytes);
    Number value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

template <class Number>
void put_all(std::string& to, const std::vector<Number>& data)
{
    for (const Number value : data) put(to, value);
}

inline void put_all(std::string& to, const std::vector<std::string>& data)
{
    for (const std::string& value : data) {
        put(to, static_cast<std::uint32_t>(value.size()));
        to += value;
    }
}

template <class Number>
void get_all(const std::string& from, std::vector<Number>& data)
{
    if (from.size() % sizeof(Number) != 0) throw Error("the answer has half an element");
    for (std::size_t at = 0; at < from.size(); at += sizeof(Number))
        data.push_back(get<Number>(from.data() + at));
}

inline void get_all(const std::string& from, std::vector<std::string>& data)
{
    for (std::size_t at = 0; at < from.size();) {
        if (from.size() - at < 4) throw Error("the answer has half a string");
        const std::uint32_t size = get<std::uint32_t>(from.data() + at);
        at += 4;
        if (from.size() - at < size) throw Error("the answer has half a string");
        data.push_back(from.substr(at, size));
        at += size;
    }
}

// `head` is the JSON of an input up to its shape.
template <class Element>
void put_input(std::string& json, std::string& tail, const char* head,
               const std::vector<std::int64_t>& shape, const std::vector<Element>& data)
{
    if (elements(shape) != data.size()) throw Error("an input has not as much data as its shape says");
    const std::size_t before = tail.size();
    put_all(tail, data);
    json += head;
    json += ",\"shape\":[";
    for (std::size_t i = 0; i < shape.size(); ++i)
        json += (i == 0 ? "" : ",") + std::to_string(shape[i]);
    json += "],\"parameters\":{\"binary_data_size\":" + std::to_string(tail.size() - before) + "}}";
}

// Reads the JSON of an answer, as far as a client needs it.
class Reader {
public:
    explicit Reader(std::string text) : text_(std::move(text)) {}

    template <class Each>
    void object(Each each)
    {
        want('{');
        if (take('}')) return;
        do {
            const std::string name = string();
            want(':');
            each(name);
        } while (take(','));
        want('}');
    }

    template <class Each>
    void array(Each each)
    {
        want('[');
        if (take(']')) return;
        do each();
        while (take(','));
        want(']');
    }

    std::int64_t integer()
    {
        blanks();
        const bool negative = take('-');
        std::uint64_t value = 0;
        std::size_t digits = 0;
        for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
            if (++digits > 18) fail();
            value = value * 10 + static_cast<std::uint64_t>(text_[at_] - '0');
        }
        if (digits == 0) fail();
        const auto made = static_cast<std::int64_t>(value);
        return negative ? -made : made;
    }

    std::string string()
    {
        want('"');
        std::string made;
        for (;;) {
            const char c = next();
            if (c == '"') return made;
            if (c != '\\') {
                made += c;
                continue;
            }
            const char kind = next();
            if (kind == 'u')
                character(made);
            else
                made += escaped(kind);
        }
    }

    void skip(int depth = 32)
    {
        if (depth == 0) fail();
        blanks();
        const char c = at_ < text_.size() ? text_[at_] : '\0';
        if (c == '{')
            object([&](const std::string&) { skip(depth - 1); });
        else if (c == '[')
            array([&] { skip(depth - 1); });
        else if (c == '"')
            string();
        else
            while (at_ < text_.size() && std::strchr(",]} \t\r\n", text_[at_]) == nullptr) ++at_;
    }

private:
    static char escaped(char kind)
    {
        switch (kind) {
            case '"':
            case '\\':
            case '/':
                return kind;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            default:
                fail();
        }
    }
    [[noreturn]] static void fail() { throw Error("the answer is not the JSON it should be"); }
    void blanks()
    {
        while (at_ < text_.size() && text_[at_] != '\0' && std::strchr(" \t\r\n", text_[at_])) ++at_;
    }
    char next()
    {
        if (at_ == text_.size()) fail();
        return text_[at_++];
    }
    bool take(char c)
    {
        blanks();
        const bool there = at_ < text_.size() && text_[at_] == c;
        if (there) ++at_;
        return there;
    }
    void want(char c)
    {
        if (!take(c)) fail();
    }
    std::uint32_t unit()
    {
        std::uint32_t made = 0;
        for (int i = 0; i < 4; ++i) {
            const char c = next();
            made <<= 4;
            if (c >= '0' && c <= '9')
                made |= static_cast<std::uint32_t>(c - '0');
            else if (c >= 'a' && c <= 'f')
                made |= static_cast<std::uint32_t>(c - 'a' + 10);
            else if (c >= 'A' && c <= 'F')
                made |= static_cast<std::uint32_t>(c - 'A' + 10);
            else
                fail();
        }
        return made;
    }
    void character(std::string& to)
    {
        std::uint32_t code = unit();
        if (code >= 0xd800 && code < 0xdc00) {
            if (next() != '\\' || next() != 'u') fail();
            const std::uint32_t low = unit();
            if (low < 0xdc00 || low > 0xdfff) fail();
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
        const int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
        static const unsigned char first[] = {0, 0xc0, 0xe0, 0xf0};
        to += static_cast<char>(first[more] | (code >> (6 * more)));
        for (int i = more - 1; i >= 0; --i) to += static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3f));
    }

    std::string text_;
    std::size_t at_ = 0;
};

struct Found {
    std::string name, datatype;
    std::vector<std::int64_t> shape;
    std::int64_t size = -1;  // of the binary data; -1: there is none
    std::string data;
};

inline std::size_t length(const std::string& digits, std::size_t most, const char* what)
{
    std::size_t made = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') throw Error(what);
        made = made * 10 + static_cast<std::size_t>(c - '0');
        if (made > most) throw Error(what);
    }
    return made;
}

inline Found read_output(Reader& reader)
{
    Found found;
    reader.object([&](const std::string& name) {
        if (name == "name")
            found.name = reader.string();
        else if (name == "datatype")
            found.datatype = reader.string();
        else if (name == "shape")
            reader.array([&] { found.shape.push_back(reader.integer()); });
        else if (name == "parameters")
            reader.object([&](const std::string& parameter) {
                if (parameter == "binary_data_size")
                    found.size = reader.integer();
                else
                    reader.skip();
            });
        else
            reader.skip();
    });
    return found;
}

inline std::vector<Found> read_answer(const Reply& reply)
{
    const std::string digits = reply.header("inference-header-content-length");
    const std::size_t json =
        digits.empty() ? reply.body.size()
                       : length(digits, reply.body.size(), "the answer is shorter than its JSON");
    std::vector<Found> outputs;
    Reader reader(reply.body.substr(0, json));
    reader.object([&](const std::string& name) {
        if (name == "outputs")
            reader.array([&] { outputs.push_back(read_output(reader)); });
        else
            reader.skip();
    });
    std::size_t at = json;
    for (Found& output : outputs) {
        if (output.size < 0) continue;
        if (static_cast<std::uint64_t>(output.size) > reply.body.size() - at)
            throw Error("the answer is shorter than its outputs");
        output.data = reply.body.substr(at, static_cast<std::size_t>(output.size));
        at += output.data.size();
    }
    return outputs;
}

template <class Element>
void take(const std::vector<Found>& outputs, const std::string& name, const char* datatype,
          std::vector<std::int64_t>& shape, std::vector<Element>& data)
{
    for (const Found& output : outputs) {
        if (output.name != name) continue;
        if (output.datatype != datatype || output.size < 0)
            throw Error("an output has not the form that the model promises");
        shape = output.shape;
        data.clear();
        get_all(output.data, data);
        if (elements(shape) != data.size())
            throw Error("an output has not as much data as its shape says");
        return;
    }
    throw Error("the answer lacks an output");
}

inline Reply ask(const Transport& transport, const char* target, const std::string& json,
                 const std::string& tail)
{
    Reply reply = transport({"POST",
                             target,
                             {{"Content-Type", "application/octet-stream"},
                              {"Inference-Header-Content-Length", std::to_string(json.size())}},
                             json + tail});
    if (reply.status != 200) {
        const std::string what = "the node answered " + std::to_string(reply.status) + ": " +
                                 reply.body.substr(0, 1000);
        throw Error(what, std::move(reply));
    }
    return reply;
}

}  // namespace detail
)text";
}

}  // namespace inference
