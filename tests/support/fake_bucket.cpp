#include "tests/support/fake_bucket.hpp"

#include <algorithm>

namespace node {

using namespace ledger;
using inference::RunControl;
using inference::UpstreamError;
using inference::UpstreamFault;
using inference::UpstreamReply;
using inference::UpstreamRequest;

namespace {

Bytes bytes_of(const std::string& text)
{
    return {text.begin(), text.end()};
}

UpstreamReply error_reply(unsigned status, const std::string& code)
{
    return {status,
            {},
            bytes_of("<?xml version=\"1.0\"?><Error><Code>" + code +
                     "</Code><Message>as it is</Message></Error>")};
}

std::string decoded(const std::string& text)
{
    std::string made;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            made += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else {
            made += text[i];
        }
    }
    return made;
}

}  // namespace

FakeBucket::Answer FakeBucket::call(const UpstreamRequest& request, const RunControl&)
{
    const std::lock_guard lock{mutex_};
    calls_.push_back(request.method + " " + request.target);
    last_ = request;
    last_of_[request.method] = request;
    if (!next_.empty()) {
        auto first = next_.front();
        next_.erase(next_.begin());
        return first;
    }
    if (always_) return *always_;
    return answer(request);
}

FakeBucket::Answer FakeBucket::answer(const UpstreamRequest& request)
{
    const auto question = request.target.find('?');
    const auto path = request.target.substr(0, question);
    const auto query =
        question == std::string::npos ? std::string{} : request.target.substr(question + 1);
    if (!path.starts_with("/bucket/")) return error_reply(404, "NoSuchBucket");
    const auto key = path.substr(8);
    if (request.method == "GET" && key.empty()) return list(query);
    if (request.method == "GET") return get(key, request);
    if (request.method == "POST" && query == "delete=")
        return remove(std::string{as_text(request.body)});
    if (request.method != "PUT") return error_reply(405, "MethodNotAllowed");
    objects_[key] = request.body;
    UpstreamReply reply{200, {}, {}};
    if (has_etags) reply.headers = {{"ETag", "\"x\""}};
    return reply;
}

UpstreamReply FakeBucket::get(const std::string& key, const UpstreamRequest& request) const
{
    const auto found = objects_.find(key);
    if (found == objects_.end()) return error_reply(404, "NoSuchKey");
    const auto& whole = found->second;
    const auto range =
        std::ranges::find(request.headers, "range", &std::pair<std::string, std::string>::first);
    UpstreamReply reply{200, {}, whole};
    if (has_etags) reply.headers = {{"ETag", "\"x\""}};
    if (range == request.headers.end() || ignores_ranges) return reply;
    const auto dash = range->second.find('-');
    const auto first = std::stoull(range->second.substr(6, dash - 6));
    const auto last = std::stoull(range->second.substr(dash + 1));
    if (first >= whole.size()) return error_reply(416, "InvalidRange");
    const auto part =
        ByteView{whole}.subspan(first, std::min<std::size_t>(last + 1, whole.size()) - first);
    reply.status = 206;
    reply.body.assign(part.begin(), part.end());
    reply.headers.emplace_back("Content-Range", "bytes " + std::to_string(first) + "-" +
                                                    std::to_string(first + part.size() - 1) + "/" +
                                                    std::to_string(whole.size()));
    return reply;
}

UpstreamReply FakeBucket::list(const std::string& query) const
{
    const auto value = [&](const std::string& name) {
        const auto at = query.find(name + "=");
        if (at == std::string::npos) return std::string{};
        const auto from = at + name.size() + 1;
        return decoded(query.substr(from, query.find('&', from) - from));
    };
    const auto prefix = value("prefix");
    const auto after = value("start-after");
    std::string text = "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    std::size_t listed = 0;
    auto at = after.empty() ? objects_.lower_bound(prefix) : objects_.upper_bound(after);
    for (; at != objects_.end() && at->first.starts_with(prefix) && listed < page; ++at, ++listed)
        text += "<Contents><Key>" + at->first + "</Key></Contents>";
    const bool is_cut = at != objects_.end() && at->first.starts_with(prefix);
    text += std::string{"<IsTruncated>"} + (is_cut ? "true" : "false") + "</IsTruncated>";
    return {200, {}, bytes_of(text + "</ListBucketResult>")};
}

UpstreamReply FakeBucket::remove(const std::string& body)
{
    for (auto at = body.find("<Key>"); at != std::string::npos; at = body.find("<Key>", at + 1))
        objects_.erase(body.substr(at + 5, body.find("</Key>", at) - at - 5));
    return {200, {}, bytes_of("<DeleteResult></DeleteResult>")};
}

void FakeBucket::fail(std::vector<Answer> next)
{
    const std::lock_guard lock{mutex_};
    next_ = std::move(next);
}

void FakeBucket::fail_all(std::optional<Answer> always)
{
    const std::lock_guard lock{mutex_};
    always_ = std::move(always);
}

FakeBucket::Answer FakeBucket::refused(unsigned status, const std::string& code)
{
    return error_reply(status, code);
}

FakeBucket::Answer FakeBucket::broken(UpstreamFault fault)
{
    return UpstreamError{fault, "as the test wants it"};
}

std::map<std::string, Bytes> FakeBucket::objects() const
{
    const std::lock_guard lock{mutex_};
    return objects_;
}

void FakeBucket::set(const std::string& key, Bytes bytes)
{
    const std::lock_guard lock{mutex_};
    objects_[key] = std::move(bytes);
}

void FakeBucket::erase(const std::string& key)
{
    const std::lock_guard lock{mutex_};
    objects_.erase(key);
}

std::vector<std::string> FakeBucket::take_calls()
{
    const std::lock_guard lock{mutex_};
    return std::exchange(calls_, {});
}

UpstreamRequest FakeBucket::last() const
{
    const std::lock_guard lock{mutex_};
    return last_;
}

UpstreamRequest FakeBucket::last(const std::string& method) const
{
    const std::lock_guard lock{mutex_};
    return last_of_.at(method);
}

}  // namespace node
