#pragma once

#include "ledger/base/bytes.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace node {

/// What an answer carries: a text, bytes, or a shared text that many answers send.
class Body {
public:
    Body() = default;
    Body(std::string text) : held_{std::move(text)} {}
    Body(const char* text) : held_{std::string{text}} {}
    Body(ledger::Bytes bytes) : held_{std::move(bytes)} {}
    Body(std::shared_ptr<const std::string> shared) : held_{std::move(shared)} {}

    std::string_view view() const;
    std::size_t size() const { return view().size(); }

private:
    std::variant<std::string, ledger::Bytes, std::shared_ptr<const std::string>> held_;
};

/// One answer. The server adds Content-Length, Date and Connection itself; a header given here
/// whose name or value has a line break or another control character is dropped.
class Response {
public:
    using Headers = std::vector<std::pair<std::string, std::string>>;

    explicit Response(unsigned status) : status_{status} {}
    Response(unsigned status, std::string content_type, Body body)
        : status_{status}, content_type_{std::move(content_type)}, body_{std::move(body)}
    {
    }
    static Response json(unsigned status, Body body)
    {
        return {status, "application/json", std::move(body)};
    }
    static Response text(unsigned status, Body body)
    {
        return {status, "text/plain; charset=utf-8", std::move(body)};
    }

    Response& with(std::string name, std::string value) &
    {
        headers_.emplace_back(std::move(name), std::move(value));
        return *this;
    }
    Response&& with(std::string name, std::string value) &&
    {
        headers_.emplace_back(std::move(name), std::move(value));
        return std::move(*this);
    }

    unsigned status() const { return status_; }
    const std::string& content_type() const { return content_type_; }
    const Headers& headers() const { return headers_; }
    const Body& body() const { return body_; }

private:
    unsigned status_;
    std::string content_type_;
    Headers headers_;
    Body body_;
};

}  // namespace node
