"""What an account manager finds at the front: the book, its news, and who needs attention."""
