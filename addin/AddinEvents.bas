' The module ThisWorkbook of the add-in.
Option Explicit

Private WithEvents mExcel As Application

Private Sub Workbook_Open()
    Set mExcel = Application
    ' the function wizard's texts: an add-in that is just opening cannot set them yet
    Application.OnTime Now, "'" & ThisWorkbook.Name & "'!CrmDescribeFunctions"
End Sub

Private Sub mExcel_WorkbookOpen(ByVal opened As Workbook)
    CrmBind opened
End Sub
