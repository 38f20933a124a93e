#include "node/blobs/bucket/bucket.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/md5.hpp"
#include "ledger/crypto/sha256.hpp"
#include "node/blobs/bucket/bucket_answers.hpp"
#include "node/payment/base64.hpp"

#include <algorithm>
#include <array>

namespace node {

using namespace ledger;
using inference::RunControl;
using inference::UpstreamFault;
using inference::UpstreamReply;
using inference::UpstreamRequest;

namespace {

bool is_bucket_name(const std::string& name)
{
    const auto is_edge = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return name.size() >= 3 && name.size() <= 63 && is_edge(name.front()) && is_edge(name.back()) &&
           std::ranges::all_of(name, [&](char c) { return is_edge(c) || c == '-' || c == '.'; });
}

/// What the operator has to look at, where the code tells it.
/// Refusals that every object would meet.
constexpr std::array<std::string_view, 9> of_the_account{"SignatureDoesNotMatch",
                                                         "InvalidAccessKeyId",
                                                         "AccessDenied",
                                                         "InvalidSecurity",
                                                         "NoSuchBucket",
                                                         "RequestTimeTooSkewed",
                                                         "PermanentRedirect",
                                                         "AuthorizationHeaderMalformed",
                                                         ""};

std::string advice(std::string_view code)
{
    if (code == "SignatureDoesNotMatch" || code == "InvalidAccessKeyId" || code == "AccessDenied" ||
        code == "InvalidSecurity")
        return ": look at blobs.bucket.accessKey, its secretFile, and what the key may do";
    if (code == "NoSuchBucket") return ": look at blobs.bucket.name and url";
    if (code == "RequestTimeTooSkewed") return ": look at this machine's clock";
    if (code == "AuthorizationHeaderMalformed" || code == "PermanentRedirect")
        return ": look at blobs.bucket.region and url";
    return {};
}

std::string_view in_words(UpstreamFault fault)
{
    switch (fault) {
        case UpstreamFault::unreachable:
            return "cannot be reached";
        case UpstreamFault::untrusted:
            return "has a certificate that does not hold";
        case UpstreamFault::broken:
            return "broke the connection";
        case UpstreamFault::malformed:
            return "answers no HTTP";
        case UpstreamFault::too_large:
            return "answers more than it was asked for";
        case UpstreamFault::deadline:
            return "does not answer in time";
        case UpstreamFault::cancelled:
            return "was not waited for";
        case UpstreamFault::busy:
            return "has too many calls under way";
    }
    return "does not answer";
}

bool may_repeat(UpstreamFault fault)
{
    return fault == UpstreamFault::unreachable || fault == UpstreamFault::broken ||
           fault == UpstreamFault::deadline || fault == UpstreamFault::busy;
}

}  // namespace

std::string BucketAddress::label() const
{
    return std::string{url.tls ? "https://" : "http://"} + url.authority() + url.base + path + "/" +
           prefix;
}

Result<BucketAddress> bucket_address(ServerUrl url, const std::string& name,
                                     const std::string& prefix, bool path_style)
{
    if (!is_bucket_name(name))
        return invalid("the name of a bucket has 3 to 63 of a-z, 0-9, '-' and '.'");
    if (prefix.size() > 200 || prefix.starts_with('/') || prefix.find("//") != std::string::npos ||
        (!prefix.empty() && !bucket_answers::is_plain_key(prefix)))
        return invalid("a prefix has at most 200 of a-z, A-Z, 0-9, '-', '_', '.', '~' and '/'");
    BucketAddress made{std::move(url), {}, name, prefix};
    if (!prefix.empty() && !prefix.ends_with('/')) made.prefix += '/';
    if (path_style)
        made.path = "/" + name;
    else
        made.url.host = name + "." + made.url.host;
    return made;
}

Bucket::Bucket(std::shared_ptr<inference::Upstream> upstream, BucketAddress address,
               signature::Signer signer, const Clock& clock, BucketCounts& counts, Told told,
               const BucketLimits& limits)
    : upstream_{std::move(upstream)},
      address_{std::move(address)},
      signer_{std::move(signer)},
      clock_{clock},
      counts_{counts},
      told_{std::move(told)},
      limits_{limits}
{
}

Result<void> Bucket::put(const std::string& key, Bytes bytes)
{
    const auto size = bytes.size();
    const auto reply =
        ask({"PUT", address_.prefix + key, {}, {}, std::move(bytes), true}, limits_.attempts);
    if (!reply) return reply.error();
    if (reply->status / 100 != 2)
        return failed("answers a PUT with status " + std::to_string(reply->status));
    counts_.sent_bytes += size;
    return {};
}

Result<Bytes> Bucket::get(const std::string& key, std::uint64_t first, std::uint64_t count)
{
    const auto range = "bytes=" + std::to_string(first) + "-" + std::to_string(first + count - 1);
    auto reply =
        ask({"GET", address_.prefix + key, {}, {{"range", range}}, {}, true}, limits_.attempts);
    if (!reply) return reply.error();
    if (reply->status == 404 || reply->status == 416) return Bytes{};
    auto& body = reply->body;
    if (reply->status == 206) {
        const auto part = reply->header("content-range").value_or("");
        if (!part.starts_with("bytes " + std::to_string(first) + "-"))
            return failed("answers with another part than it was asked for");
    } else {
        body.erase(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(
                                                    std::min<std::uint64_t>(first, body.size())));
    }
    if (body.size() > count) body.resize(count);
    counts_.received_bytes += body.size();
    return std::move(body);
}

Result<std::vector<std::string>> Bucket::list(const std::string& start)
{
    auto first = page(start, {}, limits_.attempts);
    if (!first) return first.error();
    return std::move(first->keys);
}

Result<Bucket::Page> Bucket::page(const std::string& start, const std::string& after)
{
    return page(start, after, limits_.attempts);
}

Result<Bucket::Page> Bucket::page(const std::string& start, const std::string& after,
                                  unsigned attempts)
{
    const auto prefix = address_.prefix + start;
    auto query = "list-type=2&max-keys=1000&prefix=" + signature::encoded(prefix);
    if (!after.empty()) query += "&start-after=" + signature::encoded(address_.prefix + after);
    const auto reply = ask({"GET", {}, query, {}, {}}, attempts);
    if (!reply) return reply.error();
    const auto text = as_text(reply->body);
    auto keys = bucket_answers::listed_keys(text, prefix);
    if (!keys) return failed(keys.error().detail);
    for (auto& key : *keys) key.erase(0, address_.prefix.size());
    const bool is_behind =
        std::ranges::is_sorted(*keys) && (keys->empty() || keys->front() > after);
    if (!after.empty() && !is_behind) return Page{};
    const bool has_more = !keys->empty() && bucket_answers::has_more_keys(text);
    return Page{std::move(*keys), has_more};
}

Result<void> Bucket::remove(const std::vector<std::string>& keys)
{
    return remove(keys, false);
}

Result<void> Bucket::clean(const std::vector<std::string>& keys)
{
    return remove(keys, true);
}

Result<void> Bucket::remove(const std::vector<std::string>& keys, bool is_upkeep)
{
    auto whole = keys;
    for (auto& key : whole) key.insert(0, address_.prefix);
    const auto text = bucket_answers::removal_text(whole);
    const auto sum = to_base64(md5(as_bytes(text)).view());
    const auto body = as_bytes(text);
    Asked asked{"POST", {}, "delete=", {{"content-md5", sum}}, {body.begin(), body.end()}};
    asked.is_upkeep = is_upkeep;
    const auto reply = ask(asked, is_upkeep ? 1 : limits_.attempts);
    if (!reply) return reply.error();
    const auto code = bucket_answers::removal_error(as_text(reply->body));
    if (code && code->empty()) return {};
    const auto reason =
        code ? "does not remove objects (" + *code + ")" + advice(*code) : code.error().detail;
    return is_upkeep ? refused(reason) : failed(reason);
}

Result<void> Bucket::probe()
{
    const auto keys = page(std::string{trial_key}, {}, 1);
    if (!keys) return keys.error();
    return {};
}

Result<UpstreamReply> Bucket::ask(const Asked& asked, unsigned attempts)
{
    if (const auto resting = this->resting()) return *resting;
    ++counts_.calls;
    const auto until = clock_.now() + limits_.whole;
    auto pause = limits_.pause;
    for (unsigned n = 1;; ++n) {
        auto made = attempt(asked);
        if (made.reply) {
            succeeded();
            return std::move(*made.reply);
        }
        if (made.is_of_object) return refused(made.reason);
        const bool is_last = !made.may_repeat || n >= attempts || clock_.now() + pause >= until;
        if (is_last || !wait(pause))
            return asked.is_upkeep ? refused(made.reason) : failed(made.reason);
        ++counts_.retries;
        pause *= 2;
    }
}

Bucket::Attempt Bucket::attempt(const Asked& asked)
{
    RunControl control;
    control.deadline = std::chrono::steady_clock::now() + limits_.attempt;
    control.stop = stop_.get_token();
    auto reply = upstream_->call(signed_request(asked), control);
    if (reply) return judged(std::move(*reply), asked);
    const auto fault = reply.error().fault;
    return {{},
            std::string{in_words(fault)} + ": " + reply.error().detail,
            may_repeat(fault) && !stop_.stop_requested()};
}

UpstreamRequest Bucket::signed_request(const Asked& asked) const
{
    const auto date = signature::date_text(clock_.wall());
    const auto hash = sha256(asked.body);
    const auto target = address_.path + "/" + asked.key;
    auto headers = asked.headers;
    headers.emplace_back("host", address_.url.authority());
    headers.emplace_back("x-amz-content-sha256", to_hex(hash.view()));
    headers.emplace_back("x-amz-date", date);
    std::ranges::sort(headers);
    auto value = signature::authorization(
        signer_, {asked.method, address_.url.base + target, asked.query, headers, hash}, date);
    std::erase_if(headers, [](const auto& header) { return header.first == "host"; });
    headers.emplace_back("authorization", std::move(value));
    return {asked.method, asked.query.empty() ? target : target + "?" + asked.query,
            std::move(headers), asked.body};
}

Bucket::Attempt Bucket::judged(UpstreamReply reply, const Asked& asked) const
{
    const auto status = reply.status;
    const auto code = status >= 300 ? bucket_answers::error_code(as_text(reply.body)) : "";
    const bool is_missing = status == 404 && code == "NoSuchKey";
    const bool is_short = status == 416 && asked.method == "GET";
    if (is_missing || is_short) return {std::move(reply), {}, false};
    if (status / 100 == 2) {
        // A login page of the café's network says 200 to everything.
        if (!asked.wants_etag || reply.header("etag")) return {std::move(reply), {}, false};
        return {{}, "answers, but not as an object store does", false};
    }
    auto reason = "answers " + (code.empty() ? std::string{} : code + ", ") + "status " +
                  std::to_string(status) + advice(code);
    const bool is_passing =
        status >= 500 || status == 429 || status == 408 || code == "RequestTimeout";
    // An object that was archived, or that this key may not read, must not close the whole store.
    const bool is_of_object = !asked.key.empty() && status / 100 == 4 && !is_passing &&
                              std::ranges::find(of_the_account, code) == of_the_account.end();
    return {{}, std::move(reason), is_passing, is_of_object};
}

std::optional<Error> Bucket::resting() const
{
    const std::lock_guard lock{mutex_};
    if (!stop_.stop_requested() && clock_.now() >= rests_until_) return {};
    return Error{ErrorKind::unavailable, why_.empty() ? "the node is stopping" : why_};
}

void Bucket::succeeded()
{
    bool is_news = false;
    {
        const std::lock_guard lock{mutex_};
        is_news = was_up_ != true;
        was_up_ = true;
        rests_until_ = {};
    }
    counts_.is_up = true;
    if (is_news && told_) told_({});
}

Error Bucket::refused(const std::string& reason) const
{
    return {ErrorKind::unavailable,
            "the bucket " + address_.name + " at " + address_.url.authority() + " " + reason};
}

Error Bucket::failed(const std::string& reason)
{
    const auto error = refused(reason);
    if (stop_.stop_requested()) return error;
    ++counts_.failures;
    counts_.is_up = false;
    bool is_news = false;
    {
        const std::lock_guard lock{mutex_};
        is_news = was_up_ != false;
        was_up_ = false;
        why_ = error.detail;
        rests_until_ = clock_.now() + limits_.rest;
    }
    if (is_news && told_) told_(error.detail);
    return error;
}

/// False when a stop ended it.
bool Bucket::wait(std::chrono::milliseconds time)
{
    std::unique_lock lock{mutex_};
    never_.wait_for(lock, stop_.get_token(), time, [] { return false; });
    return !stop_.stop_requested();
}

}  // namespace node
