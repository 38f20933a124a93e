#include "edge/upload/node_sender.hpp"

#include "ledger/base/hex.hpp"
#include "tests/support/edge_world.hpp"
#include "tests/support/fake_node.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

namespace edge {
namespace {

namespace fs = std::filesystem;
using ledger::Bytes;
using ledger::ErrorKind;
using ledger::to_hex0x;
using nlohmann::json;
using node::Method;
using node::Response;

/// A queue with a closed batch, and a node that keeps what it is sent.
class NodeSenderTest : public testing::Test {
protected:
    NodeSenderTest()
    {
        fs::create_directory(folder_.path() / "q");
        queue_ = std::move(*world_.open(disk_, queue_folder()));
        record("frame", 150'000);
        batch_ = *queue_->next_unsent(0);
        summary_ = queue_->read(batch_)->contribution.summary;

        node_.on(Method::post, inbox, [this](const wallet::FakeRequest& request) {
            announced_.push_back(json::parse(request.body));
            const auto& number = announced_.back()["contribution"]["batch"];
            if (unwanted_ && number == *unwanted_)
                return Response::json(422, R"({"error":{"message":"not this one"}})");
            return Response::json(refusal_ ? *refusal_ : 201, answer_);
        });
        node_.on(Method::put, root, [this](const wallet::FakeRequest& request) {
            manifests_.push_back(json::parse(request.body));
            return Response::json(201, "{}");
        });
        node_.on(Method::get, root, [this](const wallet::FakeRequest&) {
            return Response::json(200, garbage_ ? *garbage_ : status().dump());
        });
        node_.on(Method::put, root + "/table/{range}", [this](const wallet::FakeRequest& request) {
            table_ += request.body.size();
            leaves_ = summary_.chunks;
            return Response::json(200, "{}");
        });
        node_.on(Method::put, root + "/chunks/{range}", [this](const wallet::FakeRequest& request) {
            const auto range = request.target.substr(request.target.rfind('/') + 1);
            ranges_.push_back(range);
            if (request.body.size() > most_bytes_) return Response::json(408, "{}");
            received_ += request.body.size();
            if (keeps_) have_ = {"0-" + std::to_string(summary_.chunks - 1)};
            return Response::json(200, "{}");
        });
        node_.start();
    }

    void record(const std::string& name, std::size_t bytes)
    {
        ASSERT_TRUE(queue_->add(name, some_bytes(1, bytes), {}));
        ASSERT_TRUE(queue_->cut());
    }
    json status() const
    {
        const bool whole = have_ == std::vector{"0-" + std::to_string(summary_.chunks - 1)};
        return {{"leaves", leaves_}, {"complete", whole}, {"have", have_}, {"next", nullptr}};
    }
    std::string queue_folder() const { return (folder_.path() / "q").string(); }
    NodeSender sender(const std::string& url = {})
    {
        return {*web::parse_url(url.empty() ? node_.url() : url),
                {},
                public_key(world_.device),
                [this] { return now_; }};
    }
    ErrorKind kind_of(const ledger::Result<Sent>& sent)
    {
        EXPECT_FALSE(sent);
        return sent ? ErrorKind::io : sent.error().kind;
    }

    static inline const std::string inbox = "/v1/datasets/{dataset}/inbox";
    static inline const std::string root = "/v1/batches/{root}";
    ledger::TemporaryFolder folder_;
    ledger::PosixDisk disk_;
    EdgeWorld world_{7};
    std::unique_ptr<Queue> queue_;
    std::uint64_t batch_ = 0;
    ledger::sealing::BatchSummary summary_;
    wallet::FakeNode node_;
    std::chrono::steady_clock::time_point now_{};

    std::string answer_ = R"({"state":"waiting"})";
    std::optional<unsigned> refusal_;
    std::optional<std::string> garbage_;
    bool keeps_ = true;
    std::size_t most_bytes_ = 1 << 20;
    std::optional<std::string> unwanted_;
    std::vector<json> announced_, manifests_;
    std::vector<std::string> have_, ranges_;
    std::uint64_t leaves_ = 0;
    std::size_t table_ = 0, received_ = 0;
};

TEST_F(NodeSenderTest, ABatchIsAnnouncedAndBroughtAndLeavesTheQueue)
{
    auto to = sender();
    const auto sent = send_all(*queue_, to);
    ASSERT_TRUE(sent) << sent.error().detail;
    EXPECT_EQ(sent->batches, 1u);
    EXPECT_FALSE(queue_->next_unsent(0));
    ASSERT_EQ(announced_.size(), 1u);
    EXPECT_EQ(announced_[0]["contribution"]["root"], to_hex0x(summary_.root.view()));
    EXPECT_EQ(announced_[0]["contribution"]["device"], to_hex0x(public_key(world_.device).view()));
    ASSERT_EQ(manifests_.size(), 1u);
    EXPECT_EQ(announced_[0]["manifest"], manifests_[0]);
    EXPECT_EQ(table_, summary_.chunks * ledger::sealing::LeafTable::entry_bytes);
    EXPECT_EQ(received_, summary_.bytes);
}

TEST_F(NodeSenderTest, OnlyWhatTheNodeHasNotGotIsSent)
{
    leaves_ = summary_.chunks;
    have_ = {"0-1", "3"};
    auto to = sender();
    ASSERT_TRUE(send_all(*queue_, to));
    EXPECT_EQ(table_, 0u);
    EXPECT_EQ(ranges_, (std::vector<std::string>{"2", "4"}));
}

TEST_F(NodeSenderTest, WhatIsOnTheLedgerIsNotBroughtAgain)
{
    answer_ = R"({"state":"contributed"})";
    auto to = sender();
    EXPECT_EQ(kind_of(send_all(*queue_, to)), ErrorKind::unavailable) << "it has no bytes of it";
    have_ = {"0-" + std::to_string(summary_.chunks - 1)};
    now_ += NodeSender::first_rest;
    ASSERT_TRUE(send_all(*queue_, to));
    EXPECT_FALSE(queue_->next_unsent(0));
    EXPECT_TRUE(manifests_.empty());
    EXPECT_EQ(received_, 0u);
}

TEST_F(NodeSenderTest, ABatchStaysUntilTheNodeSaysThatItIsWhole)
{
    keeps_ = false;
    auto to = sender();
    EXPECT_EQ(kind_of(send_all(*queue_, to)), ErrorKind::unavailable);
    EXPECT_TRUE(queue_->next_unsent(0));
    keeps_ = true;
    now_ += NodeSender::first_rest;
    EXPECT_TRUE(send_all(*queue_, to));
    EXPECT_FALSE(queue_->next_unsent(0));
}

TEST_F(NodeSenderTest, ARefusalIsToldInTheNodesWordsWithoutWhatCouldHurtATerminal)
{
    refusal_ = 422;
    answer_ =
        "{\"error\":{\"code\":\"x\",\"message\":\"no \\u001b[31mroom\",\"detail\":\"at all\"}}";
    auto to = sender();
    const auto sent = send_all(*queue_, to);
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->refused, 1u);
    EXPECT_EQ(sent->refusal->kind, ErrorKind::denied);
    EXPECT_EQ(sent->refusal->detail, "the node says 422, no [31mroom: at all");
    EXPECT_TRUE(queue_->next_unsent(0));
}

TEST_F(NodeSenderTest, ABatchThatIsRefusedKeepsNoOtherFromBeingSentAndIsOfferedAgainLater)
{
    record("second", 10'000);
    unwanted_ = std::to_string(batch_);
    auto to = sender();
    summary_ = queue_->read(*queue_->next_unsent(batch_))->contribution.summary;
    auto sent = send_all(*queue_, to);
    ASSERT_TRUE(sent) << sent.error().detail;
    EXPECT_EQ(sent->batches, 1u);
    EXPECT_EQ(sent->refused, 1u);
    EXPECT_EQ(announced_.size(), 2u);
    sent = send_all(*queue_, to);
    EXPECT_EQ(sent->refused, 1u);
    EXPECT_EQ(announced_.size(), 2u) << "not asked again at once";
    EXPECT_FALSE(to.may_take_long(batch_)) << "so nothing has to be safe before";
    EXPECT_TRUE(to.may_take_long(batch_ + 1));
    unwanted_.reset();
    have_.clear();
    leaves_ = 0;
    summary_ = queue_->read(batch_)->contribution.summary;
    now_ += NodeSender::rest_of_refused;
    sent = send_all(*queue_, to);
    ASSERT_TRUE(sent) << sent.error().detail;
    EXPECT_EQ(sent->batches, 1u);
    EXPECT_FALSE(queue_->next_unsent(0));
}

TEST_F(NodeSenderTest, OnASlowLinePiecesGetSmallerUntilOneComesThrough)
{
    most_bytes_ = 40'000;  // one chunk
    auto to = sender();
    int tries = 0;
    for (; tries < 20 && queue_->next_unsent(0); ++tries) {
        static_cast<void>(send_all(*queue_, to));
        now_ += NodeSender::longest_rest;
    }
    EXPECT_FALSE(queue_->next_unsent(0));
    EXPECT_LE(tries, 7);
}

TEST_F(NodeSenderTest, ASealingRunSendsOneBatchAndThenLooksAtWhatElseThereIs)
{
    record("second", 10'000);
    have_ = {"0-" + std::to_string(summary_.chunks - 1)};
    auto to = sender();
    const auto sent = send_all(*queue_, to, [] { return false; });
    ASSERT_TRUE(sent) << sent.error().detail;
    EXPECT_EQ(sent->batches, 1u);
    EXPECT_TRUE(queue_->next_unsent(batch_));
}

TEST_F(NodeSenderTest, AfterAFailureTheNodeIsLeftAloneLongerEachTime)
{
    refusal_ = 503;
    auto to = sender();
    EXPECT_TRUE(to.may_take_long(batch_));
    EXPECT_EQ(kind_of(send_all(*queue_, to)), ErrorKind::unavailable);
    EXPECT_FALSE(to.may_take_long(batch_));
    EXPECT_EQ(kind_of(send_all(*queue_, to)), ErrorKind::unavailable);
    EXPECT_EQ(announced_.size(), 1u);
    std::vector<std::int64_t> rests;
    for (int failure = 0; failure < 8; ++failure) {
        const auto before = announced_.size();
        std::int64_t waited = 0;
        while (announced_.size() == before) {
            now_ += std::chrono::seconds{1};
            ++waited;
            static_cast<void>(send_all(*queue_, to));
        }
        rests.push_back(waited);
    }
    EXPECT_EQ(rests, (std::vector<std::int64_t>{1, 2, 4, 8, 16, 32, 60, 60}));
    refusal_.reset();
    now_ += NodeSender::longest_rest;
    EXPECT_TRUE(send_all(*queue_, to));
}

TEST_F(NodeSenderTest, ANodeThatIsNotThereOrTalksNonsenseTakesNothing)
{
    auto nobody = sender("http://127.0.0.1:1");
    EXPECT_EQ(kind_of(send_all(*queue_, nobody)), ErrorKind::unavailable);
    for (const auto* text : {"", "[]", "{\"have\":[\"0-99999999999999999999\"]}",
                             "{\"leaves\":0,\"complete\":false,\"have\":[\"3-1\",\"x\",7]}",
                             "{\"leaves\":0,\"complete\":true,\"have\":5}"}) {
        garbage_ = text;
        auto to = sender();
        EXPECT_EQ(kind_of(send_all(*queue_, to)), ErrorKind::unavailable) << text;
    }
    for (const auto* text : {"", "null", "{\"state\":[]}", "{\"state\":\"gone\"}"}) {
        answer_ = text;
        auto to = sender();
        EXPECT_EQ(kind_of(send_all(*queue_, to)), ErrorKind::unavailable) << text;
    }
    EXPECT_TRUE(queue_->next_unsent(0));
}

TEST_F(NodeSenderTest, ABatchThatIsNotWhatWasSignedIsNotSent)
{
    for (const auto& entry : fs::directory_iterator{folder_.path() / "q"})
        if (entry.path().extension() == ".batch") {
            std::fstream file{entry.path(), std::ios::in | std::ios::out | std::ios::binary};
            file.seekp(static_cast<std::streamoff>(fs::file_size(entry.path()) / 2));
            file.put('x');
        }
    auto to = sender();
    const auto sent = send_all(*queue_, to);
    ASSERT_TRUE(sent) << sent.error().detail;
    EXPECT_EQ(sent->set_aside, 1u);
    EXPECT_TRUE(announced_.empty());
}

}  // namespace
}  // namespace edge
