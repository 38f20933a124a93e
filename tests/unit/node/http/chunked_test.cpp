#include "node/http/chunked.hpp"

#include <gtest/gtest.h>

#include <string>

namespace node {
namespace {

struct Decoded {
    std::string body;
    std::size_t consumed = 0;
    bool done = false;
    bool refused = false;
};

/// Gives the decoder `step` more bytes whenever it wants more.
Decoded decode(std::string_view input, std::size_t step)
{
    ChunkedDecoder decoder;
    Decoded made;
    std::size_t given = std::min(step, input.size());
    while (!decoder.done()) {
        const auto taken = decoder.decode(input.substr(made.consumed, given - made.consumed));
        if (!taken) {
            made.refused = true;
            return made;
        }
        made.body += taken->data;
        made.consumed += taken->consumed;
        if (taken->consumed != 0) continue;
        if (given == input.size()) return made;
        given = std::min(given + step, input.size());
    }
    made.done = true;
    return made;
}

TEST(ChunkedDecoder, GivesTheSameHoweverTheBytesArrive)
{
    const std::string input =
        "5\r\nhello\r\n00A;name=\"value\"\r\n, chunked!\r\n0\r\nX-Trailer: t\r\n\r\nGET / HTTP/1.1";
    for (std::size_t step = 1; step <= input.size(); ++step) {
        const auto made = decode(input, step);
        EXPECT_TRUE(made.done) << step;
        EXPECT_EQ(made.body, "hello, chunked!") << step;
        EXPECT_EQ(input.substr(made.consumed), "GET / HTTP/1.1") << step;
    }
}

TEST(ChunkedDecoder, WaitsForMoreWithoutTakingAHalfLine)
{
    const auto made = decode("5\r\nhello\r\n0\r\n", 3);
    EXPECT_FALSE(made.done);
    EXPECT_FALSE(made.refused);
    EXPECT_EQ(made.body, "hello");
}

TEST(ChunkedDecoder, BoundsWhatIsNoBody)
{
    EXPECT_TRUE(decode("5;" + std::string(2000, 'a'), 4096).refused);  // without its end
    std::string extensions;
    for (int i = 0; i < 10; ++i) extensions += "1;" + std::string(1000, 'a') + "\r\nx\r\n";
    EXPECT_TRUE(decode(extensions + "0\r\n\r\n", 4096).refused);
    std::string trailer = "0\r\n";
    for (int i = 0; i < 10; ++i) trailer += "A: " + std::string(1000, 'a') + "\r\n";
    EXPECT_TRUE(decode(trailer + "\r\n", 4096).refused);
}

TEST(ChunkedDecoder, TakesTheLongestSizeThatFits)
{
    EXPECT_FALSE(decode("fffffffffffffff\r\nabc", 100).refused);
    EXPECT_TRUE(decode("ffffffffffffffff\r\nabc", 100).refused);
}

}  // namespace
}  // namespace node
