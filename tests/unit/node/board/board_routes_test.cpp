#include "tests/unit/node/board/board_fixture.hpp"

#include <thread>

namespace node {
namespace {

using namespace ledger;

struct BoardRoutes : BoardTest {
    /// Until so many wait.
    void until_waiting(std::uint64_t readers)
    {
        for (int i = 0; i < 5'000 && boards->usage().waiting != readers; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        ASSERT_EQ(boards->usage().waiting, readers);
    }
    std::future<Answer> reader(const std::string& query)
    {
        return std::async(std::launch::async,
                          [this, query] { return ask_board("GET", path(order) + query); });
    }
};

TEST_F(BoardRoutes, PutUpNotesOfPartiesAndShowThemAll)
{
    EXPECT_TRUE(read_notes()["items"].empty());
    EXPECT_EQ(read_notes()["next"], 0);
    const auto first = post_note(2, "state", "{\"hello\":\"you\"}");
    EXPECT_EQ(first.status, 201u) << first.text;
    EXPECT_EQ(first.body["number"], 1);
    const auto sent_ms = clock.wall().value;
    EXPECT_EQ(post_note(1).code(), "not_a_party");
    make_bid(order);
    EXPECT_EQ(post_note(1).body["number"], 2);
    const auto all = read_notes();
    EXPECT_EQ(all["board"], first.body["board"]);
    EXPECT_EQ(all["board"].get<std::string>().size(), 34u);
    EXPECT_EQ(all["next"], 2);
    ASSERT_EQ(all["items"].size(), 2u);
    const auto signature = signed_note(2, "state", sent_ms, "{\"hello\":\"you\"}")["signature"];
    EXPECT_EQ(all["items"][0], (json{{"number", 1},
                                     {"from", to_checksum(test_account(2))},
                                     {"topic", "state"},
                                     {"sentMs", sent_ms},
                                     {"body", "{\"hello\":\"you\"}"},
                                     {"signature", signature}}));
    EXPECT_EQ(all["items"][1]["from"], to_checksum(test_account(1)));
    EXPECT_EQ(read_notes("?after=1")["items"], json::array({all["items"][1]}));
    EXPECT_TRUE(read_notes("?after=2")["items"].empty());
    EXPECT_EQ(read_notes("?after=2")["next"], 2);
    EXPECT_EQ(counts.posted, 2u);
    EXPECT_EQ(counts.refused, 1u);
}

TEST_F(BoardRoutes, ReadNoBody)
{
    const std::string odd = std::string{"\"{[ no JSON "} + '\0' + "\n\x7f é";
    ASSERT_EQ(post_note(2, "state", odd).status, 201u);
    EXPECT_EQ(read_notes()["items"][0]["body"], odd);
    ASSERT_EQ(post_note(2, "state", "").status, 201u);
}

TEST_F(BoardRoutes, TakeTheSameNoteOnce)
{
    const auto note = signed_note(2, "state", clock.wall().value, "{}");
    EXPECT_EQ(post_json(note).status, 201u);
    ASSERT_EQ(post_note(2).status, 201u);
    const auto again = post_json(note);
    EXPECT_EQ(again.status, 200u);
    EXPECT_EQ(again.body["number"], 1);
    EXPECT_EQ(read_notes()["items"].size(), 2u);
    EXPECT_EQ(counts.posted, 2u);
}

TEST_F(BoardRoutes, SayWhyANoteIsRefused)
{
    const auto now = clock.wall().value;
    const auto refused = [&](const json& note, unsigned status, const char* code) {
        const auto answer = post_json(note);
        EXPECT_EQ(answer.status, status) << answer.text;
        EXPECT_EQ(answer.code(), code) << answer.text;
    };
    refused(signed_note(3, "state", now, "{}"), 403, "not_a_party");
    refused(signed_note(2, "", now, "{}"), 422, "invalid");
    refused(signed_note(2, std::string(33, 'a'), now, "{}"), 422, "invalid");
    refused(signed_note(2, "state", now - 600'001, "{}"), 422, "wrong_time");
    refused(signed_note(2, "state", now, std::string(16'385, ' ')), 413, "body_too_large");
    refused(signed_note(2, "state", now, std::string(200'000, ' ')), 413, "body_too_large");
    auto unsigned_note = signed_note(2, "state", now, "{}");
    unsigned_note["signature"] = "0x" + std::string(130, '0');
    refused(unsigned_note, 422, "wrong_signature");
    ASSERT_EQ(post_json(signed_note(2, "state", now, "{}")).status, 201u);
    refused(signed_note(2, "state", now, "[]"), 409, "out_of_order");
    refused(signed_note(2, "state", now - 1, "{}"), 409, "out_of_order");
    for (int topic = 1; topic < 16; ++topic)
        ASSERT_EQ(post_note(2, "t" + std::to_string(topic)).status, 201u);
    refused(signed_note(2, "t16", now, "{}"), 422, "too_many_topics");
    EXPECT_EQ(counts.refused, 10u);
}

TEST_F(BoardRoutes, RefuseWhatIsNoNote)
{
    const auto code = [&](const std::string& body) {
        const auto answer = ask_board("POST", path(order), body);
        EXPECT_EQ(answer.status, 400u) << answer.text;
        return answer.code();
    };
    auto note = signed_note(2, "state", clock.wall().value, "{}");
    EXPECT_EQ(code(""), "malformed");
    EXPECT_EQ(code("[]"), "malformed");
    EXPECT_EQ(code(note.dump() + "x"), "malformed");
    auto other = note;
    other["sentMs"] = "5";
    EXPECT_EQ(code(other.dump()), "malformed");
    other = note;
    other["more"] = 1;
    EXPECT_EQ(code(other.dump()), "malformed");
    other = note;
    other["signature"] = "0x00";
    EXPECT_EQ(code(other.dump()), "malformed");
    auto text = note.dump();
    text.replace(text.find("{}"), 2, "\xff\xfe");
    EXPECT_EQ(code(text), "malformed") << "not UTF-8";
    EXPECT_EQ(ask_board("POST", "/v1/gpu/orders/0x12/notes", note.dump()).code(), "bad_id");
    EXPECT_EQ(ask_board("GET", "/v1/gpu/orders/0x12/notes").code(), "bad_id");
    EXPECT_EQ(ask_board("GET", path(order) + "?after=x").code(), "bad_number");
    EXPECT_EQ(ask_board("GET", path(order) + "?wait=31").code(), "bad_wait");
    EXPECT_EQ(ask_board("DELETE", path(order)).status, 405u);
}

TEST_F(BoardRoutes, KnowNothingOfAnOrderThatIsNotThere)
{
    market::GpuOrderId none;
    none.bytes.fill(1);
    const auto note = signed_note(2, "state", clock.wall().value, "{}");
    EXPECT_EQ(ask_board("POST", path(none), note.dump()).status, 404u);
    EXPECT_EQ(ask_board("POST", path(none), note.dump()).code(), "not_found");
    EXPECT_EQ(ask_board("GET", path(none)).status, 404u);
}

TEST_F(BoardRoutes, TakeNothingMoreOnceTheOrderIsOverAndShowWhatWasSaid)
{
    ASSERT_EQ(post_note(2).status, 201u);
    cancel(order);
    const auto refused = post_note(2);
    EXPECT_EQ(refused.status, 410u);
    EXPECT_EQ(refused.code(), "order_over");
    EXPECT_EQ(read_notes()["items"].size(), 1u);
}

TEST_F(BoardRoutes, MakeRoomByTheBoardsOfOrdersThatAreOver)
{
    const auto each = note_bytes({order, "state", 1, "{}"});
    BoardLimits limits;
    limits.senders_that_fit = 1;
    limits.bytes = 2 * each;
    limits.boards_that_fit = 1;
    open(limits);
    const auto first = order;
    ASSERT_EQ(post_note(2).status, 201u);
    ASSERT_EQ(post_note(2).status, 201u);
    order = make_order();
    const auto full = post_note(2);
    EXPECT_EQ(full.status, 507u);
    EXPECT_EQ(full.code(), "full");
    cancel(first);
    EXPECT_EQ(post_note(2).status, 507u) << "nobody has looked yet";
    BoardSweeper sweeper{{*boards, *roots, *store, clock}};
    ASSERT_TRUE(sweeper.sweep());
    EXPECT_EQ(post_note(2).status, 201u);
    order = first;
    EXPECT_TRUE(read_notes()["items"].empty());
    EXPECT_EQ(read_notes("?after=2&wait=9")["next"], 0) << "begin anew, and do not wait for it";
}

TEST_F(BoardRoutes, AnswerAPartOfManyNotes)
{
    for (int i = 0; i < 70; ++i) ASSERT_EQ(post_note(2, i < 40 ? "a" : "b").status, 201u);
    const auto page = read_notes();
    EXPECT_EQ(page["items"].size(), 64u);
    EXPECT_EQ(page["next"], 64);
    EXPECT_EQ(read_notes("?after=64")["items"].size(), 6u);
    BoardRouteLimits limits;
    limits.page_bytes = 100'000;
    open({}, {}, limits);
    for (int i = 0; i < 3; ++i)
        ASSERT_EQ(post_note(2, "a", std::string(16'000, '\x01')).status, 201u);
    const auto large = ask_board("GET", path(order));
    EXPECT_EQ(large.body["items"].size(), 1u) << "each byte is six in JSON";
    EXPECT_EQ(large.body["next"], 1);
    limits.page_bytes = 10;
    open({}, {}, limits);
    ASSERT_EQ(post_note(2).status, 201u);
    EXPECT_EQ(read_notes()["items"].size(), 1u) << "one always goes";
}

TEST_F(BoardRoutes, AnswerWhoWaitsAsSoonAsThereIsSomething)
{
    ASSERT_EQ(post_note(2).status, 201u);
    EXPECT_EQ(read_notes("?wait=30")["items"].size(), 1u) << "it is there already";
    auto waits = reader("?after=1&wait=30");
    until_waiting(1);
    ASSERT_EQ(post_note(2, "voucher").status, 201u);
    const auto told = waits.get();
    EXPECT_EQ(told.status, 200u);
    ASSERT_EQ(told.body["items"].size(), 1u);
    EXPECT_EQ(told.body["items"][0]["topic"], "voucher");
    EXPECT_EQ(boards->usage().waiting, 0u);
}

TEST_F(BoardRoutes, AnswerWhoWaitsWhenTheTimeIsOver)
{
    const auto answer = read_notes("?wait=1");
    EXPECT_TRUE(answer["items"].empty());
    EXPECT_EQ(answer["next"], 0);
    EXPECT_EQ(boards->usage().waiting, 0u);
}

TEST_F(BoardRoutes, EndTheWaitsWhenTheNodeEnds)
{
    auto waits = reader("?wait=30");
    until_waiting(1);
    boards->end_waits();
    EXPECT_EQ(waits.get().status, 200u);
    EXPECT_EQ(read_notes("?wait=30")["next"], 0) << "at once";
}

TEST_F(BoardRoutes, BoundHowManyWait)
{
    BoardLimits limits;
    limits.senders_that_fit = 1;
    limits.waiting = 1;
    open(limits);
    auto waits = reader("?wait=30");
    until_waiting(1);
    const auto refused = ask_board("GET", path(order) + "?wait=30");
    EXPECT_EQ(refused.status, 429u);
    EXPECT_EQ(answers_to_repeat, 1);
    EXPECT_EQ(ask_board("GET", path(order)).status, 200u) << "without waiting";
    boards->end_waits();
    EXPECT_EQ(waits.get().status, 200u);
}

TEST_F(BoardRoutes, BoundWhatOneCallerAsksFor)
{
    BoardRouteLimits limits;
    limits.posting.per_second = 1;
    limits.posting.burst = 2;
    limits.reading.concurrent = 1;
    open({}, {}, limits);
    ASSERT_EQ(post_note(2).status, 201u);
    ASSERT_EQ(post_note(2).status, 201u);
    const auto refused = post_note(2);
    EXPECT_EQ(refused.status, 429u);
    EXPECT_EQ(refused.code(), "busy");
    EXPECT_EQ(answers_to_repeat, 1);
    clock.advance(std::chrono::seconds{1});
    EXPECT_EQ(post_note(2).status, 201u);
    auto waits = reader("?after=3&wait=30");
    until_waiting(1);
    EXPECT_EQ(ask_board("GET", path(order)).status, 429u);
    boards->end_waits();
    EXPECT_EQ(waits.get().status, 200u);
    EXPECT_EQ(ask_board("GET", path(order)).status, 200u);
}

TEST_F(BoardRoutes, BeginAnotherBoardWithEachStart)
{
    ASSERT_EQ(post_note(2).status, 201u);
    ASSERT_EQ(post_note(2).status, 201u);
    const auto before = read_notes();
    open();
    const auto after = read_notes("?after=2&wait=30");
    EXPECT_NE(after["board"], before["board"]);
    EXPECT_TRUE(after["items"].empty());
    EXPECT_EQ(after["next"], 0);
    EXPECT_EQ(post_note(2).body["number"], 1);
}

TEST_F(BoardRoutes, CountWhatIsUp)
{
    Metrics metrics;
    add_board_metrics(metrics, *boards, counts);
    ASSERT_EQ(post_note(2).status, 201u);
    ASSERT_EQ(post_note(3).status, 403u);
    const auto text = metrics.text();
    const auto has = [&](const std::string& line) {
        return text.find("\n" + line + "\n") != std::string::npos;
    };
    EXPECT_TRUE(has("millrace_board_notes 1")) << text;
    EXPECT_TRUE(has("millrace_board_bytes 519")) << text;
    EXPECT_TRUE(has("millrace_board_waiting 0")) << text;
    EXPECT_TRUE(has("millrace_board_posted_total 1")) << text;
    EXPECT_TRUE(has("millrace_board_refused_total 1")) << text;
}

}  // namespace
}  // namespace node
