#pragma once

#include "inference/remote/upstream.hpp"

#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace node {

/// An S3-compatible store behind an Upstream: one bucket, named in the path as "/bucket". Answers
/// as S3 does, and fails when it is told to. Any thread.
class FakeBucket final : public inference::Upstream {
public:
    using Reply = inference::UpstreamReply;
    using Answer = ledger::Result<Reply, inference::UpstreamError>;

    Answer call(const inference::UpstreamRequest&, const inference::RunControl&) override;

    Answer stream(const inference::UpstreamRequest& request, const inference::RunControl& control,
                  const inference::BodySink& sink) override
    {
        auto answer = call(request, control);
        if (!answer || answer->status != 200) return answer;
        const auto body = std::exchange(answer->body, {});
        (void)sink(body);
        return answer;
    }

    /// What the next calls get instead of an answer, one after the other.
    void fail(std::vector<Answer> next);
    /// What all calls get until it is taken back.
    void fail_all(std::optional<Answer> always);
    static Answer refused(unsigned status, const std::string& code);
    static Answer broken(inference::UpstreamFault fault);

    /// The objects, by their keys.
    std::map<std::string, ledger::Bytes> objects() const;
    void set(const std::string& key, ledger::Bytes bytes);
    void erase(const std::string& key);
    /// Every request as METHOD and target, since the last time.
    std::vector<std::string> take_calls();
    inference::UpstreamRequest last() const;
    /// The last one of this method.
    inference::UpstreamRequest last(const std::string& method) const;
    std::size_t page = 1'000;     ///< keys of one listing
    bool ignores_ranges = false;  ///< answers with the whole object
    bool has_etags = true;

private:
    Answer answer(const inference::UpstreamRequest&);
    Reply get(const std::string& key, const inference::UpstreamRequest&) const;
    Reply list(const std::string& query) const;
    Reply remove(const std::string& body);

    mutable std::mutex mutex_;
    std::map<std::string, ledger::Bytes> objects_;
    std::vector<Answer> next_;
    std::optional<Answer> always_;
    std::vector<std::string> calls_;
    inference::UpstreamRequest last_;
    std::map<std::string, inference::UpstreamRequest> last_of_;  ///< by method
};

}  // namespace node
