// PNG pictures: what is written comes back, and what is no picture is refused with the reason.
#include "heddle/picture.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include <heddle/error.h>

#include "heddle/file.h"

namespace heddle::tool {
namespace {

class Picture : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "heddle-picture-XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder); }
    std::filesystem::path folder;
};

TEST_F(Picture, EveryChannelCountSurvivesTheRoundTrip) {
    for (const Shape& shape : {Shape{5, 7}, Shape{5, 7, 1}, Shape{5, 7, 3}, Shape{5, 7, 4}}) {
        Array array(DType::u8, shape);
        for (std::size_t i = 0; i < array.data.size(); ++i) array.data[i] = static_cast<std::byte>(i * 11);
        // Colour under full transparency is kept by PNG, but let the test not depend on it.
        if (shape.size() == 3 && shape[2] == 4)
            for (std::size_t i = 3; i < array.data.size(); i += 4) array.data[i] |= std::byte{1};
        ASSERT_EQ(picture_obstacle(array.type, array.shape), "");
        write_picture(folder / "x.png", array);
        const Array back = read_picture(folder / "x.png");
        EXPECT_EQ(back.shape, (shape.size() == 3 && shape[2] == 1 ? Shape{5, 7} : shape));
        EXPECT_EQ(back.data, array.data);
    }
}

TEST_F(Picture, SaysWhyAnArrayIsNoPicture) {
    EXPECT_NE(picture_obstacle(DType::f32, {4, 4}).find("needs u8"), std::string::npos);
    EXPECT_NE(picture_obstacle(DType::u8, {16}).find("rows x columns"), std::string::npos);
    EXPECT_NE(picture_obstacle(DType::u8, {4, 4, 2}).find("rows x columns"), std::string::npos);
    EXPECT_NE(picture_obstacle(DType::u8, {4, 4, 3, 1}).find("rows x columns"), std::string::npos);
}

TEST_F(Picture, RefusesDamagedFiles) {
    write_picture(folder / "x.png", Array(DType::u8, {40, 40, 3}));
    const std::vector<std::byte> file = read_file(folder / "x.png");
    for (const std::size_t length : {std::size_t{0}, std::size_t{4}, std::size_t{20}, file.size() - 20}) {
        write_file(folder / "cut.png", std::span(file).first(length));
        EXPECT_THROW(read_picture(folder / "cut.png"), Error) << length;
    }
    EXPECT_THROW(read_picture(folder / "absent.png"), Error);
    EXPECT_THROW(write_picture(folder / "absent" / "x.png", Array(DType::u8, {2, 2})), Error);
}

}  // namespace
}  // namespace heddle::tool
